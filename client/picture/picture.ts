import type { Colors } from 'picocolors/types';
import type { Facts } from '../../contract/run/facts';
import { readableDeadline } from '../../contract/text/instant';
import { isSameStep } from '../../contract/run/step-names';
import { oneLine } from '../../contract/text/plain-text';
import { firstBeyond, progress, rowsOf, type Row } from './rows';

/** What the picture shows besides the runs themselves. */
export interface Moment {
  /** ISO; what still runs has taken until then. */
  asOf: string;
  /** What is known of requests; absent where nobody counts them. */
  traffic?: string;
  /** What happened beside the steps, the newest last. Default none. */
  news?: readonly string[];
}

/** The size of the terminal, and its colours. */
export interface Canvas {
  /** In characters; so are `rows`. */
  columns: number;
  rows: number;
  colors: Colors;
  /** Whether it is a terminal, which may make links of addresses. Default false. */
  hyperlinks?: boolean;
}

const nameWidth = 32;
const tookWidth = 9;
const newsLines = 4;

/** The whole screen below the heading: steps, what is waited for, traffic, news. Fits into the canvas. Pure. */
export function picture(runs: readonly Facts[], moment: Moment, canvas: Canvas): string[] {
  const current = runs.findLast(({ outcome }) => outcome === undefined);
  const news = (moment.news ?? []).slice(-newsLines);
  const below = [
    '',
    ...(current === undefined ? [] : waitLines(current, moment.asOf, canvas)),
    ...(moment.traffic === undefined ? [] : [fact('traffic', moment.traffic, canvas)]),
    ...(news.length === 0 ? [] : ['', ...news.map((text) => cut(`  ${text}`, canvas, canvas.colors.cyan))]),
  ];
  const steps = runs.flatMap((facts) => stepLines(facts, moment.asOf, canvas));
  return [...fitting(steps, canvas.rows - below.length - 1, canvas), ...below];
}

/** All the steps of a run, with the border that cannot be crossed back. */
export function stepLines(facts: Facts, asOf: string, canvas: Canvas): string[] {
  const border = canvas.colors.dim(`    ──── point of no return ${'─'.repeat(nameWidth - 14)}`);
  const heading =
    facts.kind === 'rollback' ? ['', canvas.colors.bold(`  rollback of ${oneLine(facts.run.target, 60)}`)] : [];
  return [
    ...heading,
    ...rowsOf(facts, asOf).flatMap((row) => {
      const lines = rowLines(row, canvas);
      return facts.kind === 'rollout' && isSameStep(row.id, firstBeyond) ? [border, ...lines] : lines;
    }),
  ];
}

/** One line, but for what somebody has to act on: its reason is told in full. */
function rowLines({ name, state, took, note }: Row, canvas: Canvas): string[] {
  const { dim, bold, green, cyan, yellow } = canvas.colors;
  const [mark, paint] = {
    done: [green('✓'), (text: string) => text],
    running: [cyan('●'), bold],
    asking: [yellow('⚠'), yellow],
    failed: [yellow('⚠'), yellow],
    skipped: ['○', dim],
    'to come': [dim('○'), dim],
  }[state] as [string, (text: string) => string];
  const head = `${oneLine(name, nameWidth).padEnd(nameWidth)} ${took.padStart(tookWidth)}  `;
  const left = canvas.columns - head.length - 5;
  const line = (said: string): string => `  ${mark} ${paint(head)}${said}`.trimEnd();
  if ((state === 'asking' || state === 'failed') && note.length > left)
    return [line(''), ...wrapped(oneLine(note, 1_000), canvas.columns - 8).map((part) => `      ${yellow(part)}`)];
  return [line(left > 8 ? dim(oneLine(note, left)) : '')];
}

/** Between words, at this width. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
}

function waitLines(facts: Facts, asOf: string, canvas: Canvas): string[] {
  const { waiting } = facts;
  const at = progress(facts, asOf);
  const step = at === undefined ? [] : [fact('step', at, canvas)];
  if (waiting === undefined) return step;
  const { sentence, who, until } = waiting;
  const deadline = until === undefined ? '' : `, until ${readableDeadline(until, asOf)}`;
  return [...step, fact('waits', sentence, canvas), fact('for', `${who}${deadline}`, canvas)];
}

/** A name and a text in the picture's columns. */
export const fact = (name: string, text: string, canvas: Canvas): string =>
  labelled(name, oneLine(text, Math.max(10, canvas.columns - 14)), canvas);

/** A name and a text that is ready to be printed, such as a link. */
export const labelled = (name: string, text: string, { colors }: Canvas): string =>
  `  ${colors.dim(name.padEnd(10))} ${text}`;

const cut = (text: string, { columns }: Canvas, paint: (text: string) => string): string =>
  paint(text.length > columns - 1 ? `${text.slice(0, columns - 2)}…` : text);

/** Too many for the terminal: what is done goes first, then what is far away. */
function fitting(lines: string[], room: number, { colors }: Canvas): string[] {
  if (lines.length <= room) return lines;
  const left = Math.max(3, room - 1);
  const current = Math.max(
    0,
    lines.findIndex((line) => /[●⚠]/.test(line)),
  );
  const from = Math.max(0, Math.min(current - 2, lines.length - left));
  const before = from > 0 ? [colors.dim(`    … ${from} above`)] : [];
  return [...before, ...lines.slice(from, from + left)];
}
