import type { Colors } from 'picocolors/types';
import type { Facts } from '../../contract/run/facts';
import { readableDeadline } from '../../contract/text/instant';
import { isSameStep } from '../../contract/run/step-names';
import { oneLine } from '../../contract/text/plain-text';
import { firstBeyond, rowsOf, type Row } from './rows';

/** What the picture shows besides the runs themselves. */
export interface Moment {
  asOf: string;
  traffic: string;
  /** The newest last. */
  news: readonly string[];
}

/** The size of the terminal, and its colours. */
export interface Canvas {
  columns: number;
  rows: number;
  colors: Colors;
}

const nameWidth = 32;
const tookWidth = 9;
const newsLines = 4;

/** The whole screen below the heading: steps, what is waited for, traffic, news. Fits into the canvas. Pure. */
export function picture(runs: readonly Facts[], moment: Moment, canvas: Canvas): string[] {
  const current = runs.findLast(({ outcome }) => outcome === undefined);
  const below = [
    '',
    ...(current === undefined ? [] : waitLines(current, moment.asOf, canvas)),
    fact('traffic', moment.traffic, canvas),
    '',
    ...moment.news.slice(-newsLines).map((text) => cut(`  ${text}`, canvas, canvas.colors.cyan)),
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
      const line = rowLine(row, canvas);
      return facts.kind === 'rollout' && isSameStep(row.id, firstBeyond) ? [border, line] : [line];
    }),
  ];
}

function rowLine({ name, state, took, note }: Row, canvas: Canvas): string {
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
  return `  ${mark} ${paint(head)}${left > 8 ? dim(oneLine(note, left)) : ''}`.trimEnd();
}

function waitLines({ waiting }: Facts, asOf: string, canvas: Canvas): string[] {
  if (waiting === undefined) return [];
  const { sentence, who, until } = waiting;
  const deadline = until === undefined ? '' : `, until ${readableDeadline(until, asOf)}`;
  return [fact('waits', sentence, canvas), fact('for', `${who}${deadline}`, canvas)];
}

/** A name and a text in the picture's columns. */
export const fact = (name: string, text: string, canvas: Canvas): string =>
  `  ${canvas.colors.dim(name.padEnd(10))} ${oneLine(text, Math.max(10, canvas.columns - 14))}`;

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
