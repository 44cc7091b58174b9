import { findingLine } from '../contract/run/findings';
import { readableInstant, readableSpan } from '../contract/text/instant';
import { codeSpan, escapeMarkdown } from '../contract/text/markdown-text';
import type { Facts } from '../contract/run/facts';
import { decisionsChapter, holdsChapter, refusedChapter } from './chapters/chapter-decisions';
import { failedTriesChapter, findingsChapter, stepsChapter } from './chapters/chapter-steps';
import { measuresChapter } from './chapters/chapter-measures';
import { backupChapter } from './chapters/chapter-backup';
import { rehearsalChapter } from './chapters/chapter-rehearsal';
import { remainsChapter } from './chapters/chapter-remains';
import { removedChapter, rollbackChapter } from './chapters/chapter-removed';
import { bullets, chapter, table } from './markdown-table';
import { stateMark } from './step-marks';

/**
 * The report: verdict first, then whatever an auditor asks. It replaces the migration guide, the staging document and
 * the rollback document of the written runbook. Of a run that still goes on it is a report so far.
 */
export function markdownReport(facts: Facts): string {
  const chapters = [
    verdict(facts),
    removedChapter(facts),
    rollbackChapter(facts),
    decisionsChapter(facts),
    holdsChapter(facts),
    stepsChapter(facts),
    failedTriesChapter(facts),
    measuresChapter(facts),
    rehearsalChapter(facts),
    backupChapter(facts),
    remainsChapter(facts),
    chapter('Not covered', bullets(notCovered(facts).map((line) => escapeMarkdown(line)))),
    chapter('Troubles', bullets(facts.warnings.map((line) => escapeMarkdown(line)))),
    refusedChapter(facts),
    findingsChapter(facts),
    chapter(
      'How to verify this',
      'The JSON file of the same name holds everything this report was made of, and a digest over it: ' +
        '`npx rubicon report --verify FILE.json` computes it again. The plan digest above is what every approval was bound to.',
    ),
  ];
  return `${chapters.filter((part) => part !== '').join('\n\n')}\n`;
}

function verdict(facts: Facts): string {
  const { kind, plan, order, run, outcome, because, startedAt, endedAt, phase } = facts;
  const what = `${kind === 'rollback' ? 'rollback of ' : ''}${escapeMarkdown(plan?.name ?? order.plan ?? 'a plan', 80)}`;
  const state = outcome ?? `in progress (${phase})`;
  const overridden = plan?.durationsOverridden ?? [];
  return [
    `# ${stateMark(facts)} ${what} on ${escapeMarkdown(run.target, 80)}: ${state}`,
    because === undefined ? 'It has not ended yet; this is a report so far.' : escapeMarkdown(because, 2_000),
    ...(plan === undefined ? [] : [`Purpose: ${escapeMarkdown(plan.does)}`]),
    ...(overridden.length === 0
      ? []
      : [`⚠ Durations that differ from the runbook's: ${overridden.map((name) => codeSpan(name)).join(', ')}.`]),
    table(
      ['', ''],
      [
        ['Requested by', `${escapeMarkdown(facts.requesters.join(', '))}${reasonOf(facts)}`],
        ['Plan digest', codeSpan(plan?.digest ?? '')],
        ['Started', readableInstant(startedAt)],
        [
          'Ended',
          endedAt === undefined ? 'not yet' : `${readableInstant(endedAt)}, after ${readableSpan(startedAt, endedAt)}`,
        ],
        ...overrideOf(facts),
        ['Workflow', codeSpan(run.workflowId, 1_000)],
        ['First run', codeSpan(run.firstRun)],
        ...(facts.link === undefined ? [] : [['Temporal UI', codeSpan(facts.link, 1_000)]]),
      ],
    ),
  ].join('\n\n');
}

/** Sections that plan or settings lack, and what the steps found to be so. */
const notCovered = ({ notCovered: sections, steps }: Facts): string[] => {
  const found = steps.flatMap(({ findings }) => findings.filter(({ status }) => status === 'not covered'));
  return [...new Set([...sections, ...found.map(findingLine)])];
};

/** What production was changed in spite of. */
const overrideOf = ({ order }: Facts): string[][] =>
  'override' in order && order.override !== undefined
    ? [['Change windows and freezes', `overridden, by one more approval: ${escapeMarkdown(order.override)}`]]
    : [];

const reasonOf = ({ order }: Facts): string => (order.reason === undefined ? '' : `: ${escapeMarkdown(order.reason)}`);
