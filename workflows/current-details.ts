import { readableDuration } from '../contract/duration';
import type { Facts, SoakState, Waiting } from '../contract/facts';
import { readableDeadline, readableInstant } from '../contract/instant';
import { codeBlock, codeSpan, escapeMarkdown } from '../contract/markdown-text';
import { counted, utf8Length } from '../contract/plain-text';
import { questionDetails } from './question-details';
import { stepTable } from './step-table';

/** Temporal refuses more than 20,000 bytes of details. */
const limitBytes = 19_500;

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
 * What Temporal UI shows above a run: first who must do what, then the clicks, then how far it is. It does not refresh
 * by itself there, and stays when no worker lives, so it says of when it is.
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
  const { question, waiting, outcome } = facts;
  const open = outcome === undefined;
  const parts = [
    headline(facts, asOf, extent.characters),
    open ? clicks(facts) : '',
    `As of ${readableInstant(asOf)}; press R for the latest.`,
    ...(open && question !== undefined ? [questionDetails(question, extent)] : []),
    ...(open && waiting !== undefined ? pasteable(waiting, extent) : []),
    stepTable(facts.steps, asOf, extent),
    about(facts, extent).join('\n'),
    ...list('Troubles', facts.troubles, extent),
    ...list('Messages refused', refused(facts), extent),
    ...list('Not covered', facts.notCovered, extent),
    ...(facts.report === undefined ? [] : [`Report: ${codeSpan(facts.report)}`]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** State, who acts next, deadline. */
function headline(facts: Facts, asOf: string, characters: number): string {
  const text = (value: string): string => escapeMarkdown(value, characters);
  const { outcome, waiting, held } = facts;
  if (outcome !== undefined) {
    return `**${outcome === 'done' ? '✓ Done' : `● Ended: ${outcome}`}**: ${text(facts.because ?? '')}`;
  }
  const state = `**${held === undefined ? '●' : '⚠ On hold,'} ${facts.phase}**`;
  if (waiting === undefined) {
    const step = facts.steps.findLast((record) => record.state === 'running');
    return `${state}: ${step === undefined ? 'going on' : text(step.name)}. Nobody needs to act.`;
  }
  const until = waiting.until === undefined ? 'no deadline' : `until ${readableDeadline(waiting.until, asOf)}`;
  return `${state}: ${text(waiting.sentence)}. **Next: ${text(waiting.who)}**, ${until}; then: ${text(waiting.then)}.`;
}

function clicks({ waiting, pastTheDrop }: Facts): string {
  if (waiting === undefined || waiting.signals.length === 0) {
    const end = pastTheDrop ? 'rollback' : 'abort';
    return `To stop it: More Actions → Send a Signal → **hold** or **${end}** → \`{ "reason": "…" }\` → Submit.`;
  }
  const names = [...new Set(waiting.signals.map(({ name }) => `**${name}**`))].join(' or ');
  return (
    `Click: More Actions → Send a Signal → ${names} → paste the JSON from below into Input → Submit. ` +
    'If the box already shows text, change a character first: an old text there is not sent.'
  );
}

function pasteable({ signals }: Waiting, { lines, characters }: Extent): string[] {
  return signals.slice(0, lines).map(({ name, input, does }) => {
    const json = JSON.stringify(input, null, 2);
    const block = json.length <= characters * 4 ? `\n${codeBlock(json, 'json')}` : '';
    return `**${name}**: ${escapeMarkdown(does, characters)}${block}`;
  });
}

function about({ plan, order, requesters, run, link, soak }: Facts, { lines, characters }: Extent): string[] {
  const text = (value: string): string => escapeMarkdown(value, characters);
  const names = requesters.slice(0, lines).map(text).join(', ');
  const reason = order.reason === undefined ? '' : `: ${text(order.reason)}`;
  const removes = plan?.removes.slice(0, lines).map((name) => codeSpan(name, 100)) ?? [];
  const overridden = plan?.durationsOverridden.slice(0, lines).map(text) ?? [];
  return [
    `Target ${codeSpan(run.target, 100)}, requested by ${names}${reason}`,
    ...('rollout' in order && order.rollout !== undefined ? [`Takes back ${codeSpan(order.rollout)}`] : []),
    ...(plan === undefined
      ? []
      : [`${text(plan.does)}\nRemoves ${removes.join(', ')}; plan digest ${codeSpan(plan.digest)}`]),
    ...(overridden.length === 0 ? [] : [`⚠ Durations that differ from the runbook's: ${overridden.join(', ')}`]),
    ...(soak === undefined ? [] : [soakLine(soak)]),
    ...(link !== undefined && /^https?:\/\/[^\s<>()]+$/.test(link) ? [`[Link to this run, to hand on](${link})`] : []),
  ];
}

const soakLine = ({ healthyMs, neededMs, samples, restarts }: SoakState): string =>
  `Soak: ${readableDuration(healthyMs)} of ${readableDuration(neededMs)} healthy, ` +
  `${counted(samples, 'sample')}, ${counted(restarts, 'restart')}`;

const refused = ({ messages }: Facts): string[] =>
  messages
    .filter(({ accepted }) => !accepted)
    .map(({ kind, at, because }) => `${readableInstant(at)} ${kind}: ${because}`)
    .reverse();

function list(title: string, items: readonly string[], { lines, characters }: Extent): string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, lines).map((item) => `- ${escapeMarkdown(item, characters)}`);
  const more = items.length > lines ? [`- and ${items.length - lines} more: see the query "status"`] : [];
  return [`**${title}**\n\n${[...shown, ...more].join('\n')}`];
}
