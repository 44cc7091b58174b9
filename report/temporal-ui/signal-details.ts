import type { Facts } from '../../contract/run/facts';
import type { Waiting } from '../../contract/run/waiting';
import { codeBlock, codeSpan, escapeMarkdown } from '../../contract/text/markdown-text';

type Signal = Waiting['signals'][number];

/** What can be sent now: the clicks, and each input as the editor of Temporal UI writes it. Else the first click on Submit only reformats it. */
export function signalDetails(
  facts: Pick<Facts, 'waiting' | 'held' | 'pastTheDrop' | 'kind'>,
  { lines, characters }: { lines: number; characters: number },
): string {
  const signals = signalsOf(facts);
  if (signals.length === 0) return toStopIt(facts);
  const names = [...new Set(signals.map(({ name }) => `**${name}**`))].join(' or ');
  return [
    `Copy one of these first: behind the dialog the page is blurred. Then click More Actions → Send a Signal → ${names} → ` +
      'paste into Input → Submit. If the box already shows text, change a character: unchanged text is not sent.',
    ...signals.slice(0, lines).map((signal) => pasteable(signal, characters)),
  ].join('\n');
}

/** On hold at a gate or question, votes and answers still count; "resume" is what lets it go on afterwards. */
function signalsOf({ waiting, held }: Pick<Facts, 'waiting' | 'held'>): Signal[] {
  const signals = waiting?.signals ?? [];
  const canResume = signals.some(({ name }) => name === 'resume');
  if (waiting === undefined || held === undefined || canResume) return signals;
  return [...signals, { name: 'resume', input: {}, does: `ends the hold (because ${held.reason})` }];
}

function toStopIt({ pastTheDrop, kind }: Pick<Facts, 'pastTheDrop' | 'kind'>): string {
  const end = !pastTheDrop ? ' or **abort**' : kind === 'rollout' ? ' or **rollback**' : '';
  const input = codeBlock(JSON.stringify({ reason: '…' }, null, 2), 'json');
  return `To stop it, copy this first; then More Actions → Send a Signal → **hold**${end} → paste into Input, say why → Submit:\n${input}`;
}

function pasteable({ name, input, does }: Signal, characters: number): string {
  const json = JSON.stringify(input, null, 2);
  const shown = json.length <= characters * 4 ? codeBlock(json, 'json') : codeSpan('send the query "status" for it');
  return `**${name}**, ${escapeMarkdown(does, characters)}:\n${shown}`;
}
