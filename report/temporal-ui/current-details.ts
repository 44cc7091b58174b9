import type { Facts } from '../../contract/run/facts';
import { readableDeadline, readableInstant } from '../../contract/text/instant';
import { codeSpan, escapeMarkdown } from '../../contract/text/markdown-text';
import { utf8Length } from '../../contract/text/plain-text';
import { gateDetails } from './gate-details';
import { questionDetails } from './question-details';
import { signalDetails } from './signal-details';
import { soakText } from '../run/soak-text';
import { stepTable } from './step-table';

/** Temporal refuses more than 20,000 bytes of details. */
const limitBytes = 19_500;

/** As in Slack's messages; whole in `status` and in the report. */
const digestShown = 12;

/** How much is shown; the first that fits is taken. */
interface Extent {
  steps: number;
  lines: number;
  characters: number;
}
const extents: Extent[] = [
  { steps: 60, lines: 10, characters: 300 },
  { steps: 30, lines: 5, characters: 150 },
  { steps: 10, lines: 3, characters: 60 },
];

/**
 * What Temporal UI shows beside a run: first who must do what, then the clicks, then how far it is. It does not refresh
 * by itself there, and stays when no worker lives, so it says of when it is. The UI shows each line break as one and
 * two empty lines between two blocks, in a narrow column: hence few blocks, and line breaks within them.
 *
 * @param asOf ISO; default the clock, which within a workflow is the workflow's
 */
export function currentDetails(facts: Facts, asOf = new Date().toISOString()): string {
  for (const extent of extents) {
    const text = render(facts, asOf, extent);
    if (utf8Length(text) <= limitBytes) return text;
  }
  return `${headline(facts, asOf, 60)}\n\nToo much to show here: send the query "status".\n`;
}

function render(facts: Facts, asOf: string, extent: Extent): string {
  const { question, outcome } = facts;
  const open = outcome === undefined;
  const parts = [
    [
      headline(facts, asOf, extent.characters),
      ...lastRefusal(facts, extent),
      `As of ${readableInstant(asOf)}; press R for the latest.`,
    ].join('\n'),
    ...(open && question !== undefined ? [questionDetails(question, extent)] : []),
    open ? askedDetails(facts, extent) : '',
    open ? signalDetails(facts, extent) : '',
    stepTable(facts.steps, extent),
    about(facts, extent).join('\n'),
    list('Troubles', facts.warnings, extent),
    list('Messages refused', refused(facts), extent),
    list('Not covered', facts.notCovered, extent),
    facts.report === undefined ? '' : `Report: ${codeSpan(facts.report)}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** What approvers decide on, as long as they are asked. */
function askedDetails({ asked, gates, waiting }: Facts, extent: Extent): string {
  const gate = gates.at(-1);
  return asked === undefined || gate === undefined || waiting?.for !== 'approval'
    ? ''
    : gateDetails(gate, asked, extent);
}

/** State, who acts next, deadline. */
function headline(facts: Facts, asOf: string, characters: number): string {
  const text = (value: string): string => escapeMarkdown(value, characters);
  const { outcome, waiting, held, question } = facts;
  if (outcome !== undefined && waiting === undefined) {
    return `**${outcome === 'done' ? '✓ Done' : `● Ended: ${outcome}`}**: ${text(facts.because ?? '')}`;
  }
  if (waiting?.for === 'answer' && question !== undefined) {
    // What is wrong, and what happens meanwhile, follows at once.
    const hold = held === undefined ? '' : 'On hold, ';
    return `**⚠ ${hold}${text(question.step)} did not succeed.** **Next: ${text(waiting.who)}**, no deadline.`;
  }
  const state = `**${held === undefined ? '●' : '⚠ On hold,'} ${facts.phase}**${becauseOf(held, waiting, text)}`;
  if (waiting === undefined) {
    const step = facts.steps.findLast((record) => record.state === 'running');
    return `${state}: ${step === undefined ? 'continues' : text(step.name)}. No one needs to act.`;
  }
  const { sentence, who, then } = waiting;
  const until = waiting.until === undefined ? 'no deadline' : `until ${readableDeadline(waiting.until, asOf)}`;
  return `${state}: waits for ${text(sentence)}. **Next: ${text(who)}**, ${until}; then: ${text(then)}.`;
}

function about({ plan, order, requesters, run, link, soak }: Facts, { lines, characters }: Extent): string[] {
  const text = (value: string): string => escapeMarkdown(value, characters);
  const names = requesters.slice(0, lines).map(text).join(', ');
  const reason = order.reason === undefined ? '' : `: ${text(order.reason)}`;
  const removes = plan?.removes.slice(0, lines).map((name) => codeSpan(name, 100)) ?? [];
  const overridden = plan?.durationsOverridden.slice(0, lines).map(text) ?? [];
  return [
    `Target ${codeSpan(run.target, 100)}, requested by ${names}${reason}`,
    ...('rollout' in order && order.rollout !== undefined ? [`Rolls back ${codeSpan(order.rollout)}`] : []),
    ...(plan === undefined
      ? []
      : [
          `${text(plan.does)}\nRemoves ${removes.join(', ')}; plan digest ${codeSpan(plan.digest.slice(0, digestShown))}`,
        ]),
    ...(overridden.length === 0 ? [] : [`⚠ Durations that differ from the runbook's: ${overridden.join(', ')}`]),
    ...(soak === undefined ? [] : [`Soak: ${soakText(soak)}`]),
    ...(link !== undefined && /^https?:\/\/[^\s<>()]+$/.test(link) ? [`[Link to this run, to share](${link})`] : []),
  ];
}

/** Where it waits for something else than "resume", which says it itself. */
const becauseOf = (held: Facts['held'], waiting: Facts['waiting'], text: (value: string) => string): string =>
  held === undefined || waiting?.for === 'resume' ? '' : ` (on hold because ${text(held.reason)})`;

/** Whoever has just sent it looks here. As code: Markdown makes curly quotes, which are no JSON. Nothing once another one was taken. */
function lastRefusal({ messages }: Facts, { characters }: Extent): string[] {
  const last = messages.at(-1);
  if (last === undefined || last.accepted) return [];
  return [`⚠ Not taken: ${codeSpan(`${last.kind}: ${last.because}`, characters)} (${readableInstant(last.at)})`];
}

const refused = ({ messages }: Facts): string[] =>
  messages
    .filter(({ accepted }) => !accepted)
    .map(({ kind, at, because }) => `${readableInstant(at)} ${kind}: ${because}`)
    .reverse();

function list(title: string, items: readonly string[], { lines, characters }: Extent): string {
  if (items.length === 0) return '';
  const shown = items.slice(0, lines).map((item) => `• ${escapeMarkdown(item, characters)}`);
  const more = items.length > lines ? [`• and ${items.length - lines} more: see the query "status"`] : [];
  return [`**${title}**`, ...shown, ...more].join('\n');
}
