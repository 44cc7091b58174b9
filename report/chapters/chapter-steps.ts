import type { Facts, StepRecord } from '../../contract/run/facts';
import type { Finding } from '../../contract/run/findings';
import { readableInstant, readableSpan } from '../../contract/text/instant';
import { codeBlock, escapeMarkdown } from '../../contract/text/markdown-text';
import { bullets, chapter, table } from '../markdown-table';
import { stepMarks } from '../step-marks';

export const stepsChapter = ({ steps }: Facts): string =>
  chapter(
    'Steps',
    table(
      ['', 'step', 'started', 'took', 'tries', 'result'],
      steps.map(({ name, state, startedAt, endedAt, tries, note }) => [
        stepMarks[state],
        escapeMarkdown(name, 100),
        readableInstant(startedAt),
        endedAt === undefined ? 'not ended' : readableSpan(startedAt, endedAt),
        String(tries),
        escapeMarkdown(note ?? ''),
      ]),
    ),
  );

/** What did not succeed at first, also where it has succeeded since. */
export function failedTriesChapter({ steps }: Facts): string {
  const rows = steps.flatMap(({ name, failedTries = [] }) =>
    failedTries.map(({ at, because, answer }) => [
      readableInstant(at),
      escapeMarkdown(name, 100),
      escapeMarkdown(because.join(' | ')),
      answer === undefined ? 'it ended' : answer === 'accept' ? 'accepted' : 'tried again',
    ]),
  );
  return chapter('Tries that did not succeed', table(['at', 'step', 'because', 'then'], rows));
}

const findingMarks: Record<Finding['status'], string> = {
  failed: '⚠ failed',
  unknown: '⚠ unknown',
  possible: '⚠ possible',
  'not covered': '○ not covered',
  passed: '✓',
};
const order = Object.keys(findingMarks) as Finding['status'][];

/** Every finding of every step, what stood in the way first. Figures are in the JSON. */
export function findingsChapter({ steps }: Facts): string {
  const looked = steps.filter(({ findings }) => findings.length > 0);
  return chapter('Findings', ...looked.flatMap(findingsOf));
}

function findingsOf({ name, findings }: StepRecord): string[] {
  const sorted = order.flatMap((status) => findings.filter((finding) => finding.status === status));
  const remedies = sorted.flatMap(({ check, remedy }) =>
    remedy === undefined ? [] : [`${escapeMarkdown(check, 100)}: ${escapeMarkdown(remedy)}`],
  );
  return [
    `### ${escapeMarkdown(name, 100)}`,
    table(
      ['', 'looked at', 'expected', 'found'],
      sorted.map(({ check, status, expected, found }) => [
        findingMarks[status],
        escapeMarkdown(check, 100),
        escapeMarkdown(expected),
        escapeMarkdown(found),
      ]),
    ),
    ...(remedies.length === 0 ? [] : [`What to do:\n\n${bullets(remedies)}`]),
    ...sorted.flatMap(plansOf),
  ];
}

/** Query plans, as text without any value. */
const plansOf = ({ check, plans = [] }: Finding): string[] =>
  plans.length === 0
    ? []
    : [
        `Plans of ${escapeMarkdown(check, 100)}:`,
        codeBlock(plans.map(({ of, text }) => `-- ${of}\n${text}`).join('\n\n'), 'text'),
      ];
