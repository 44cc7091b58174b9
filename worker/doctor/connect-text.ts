import type { Finding, FindingStatus } from '../../contract/run/findings';
import { counted } from '../../contract/text/plain-text';
import type { Tried } from './doctor-connect';

/** Columns of a terminal as it opens. */
const width = 80;

/** Of what is as expected a part shows so many; the others by their names alone. */
const shownOfPart = 7;

const marks: Record<FindingStatus, string> = {
  passed: '✓',
  failed: '✗',
  unknown: '?',
  possible: '?',
  'not covered': '○',
};

/**
 * What was tried, as text of 80 columns: a line for what is as expected, four for what is not. Ends with what it comes to.
 *
 * @param tookMs until the last part had answered
 */
export const connectText = (tried: readonly Tried[], tookMs: number): string =>
  `${[...tried.flatMap(sectionLines), ...summary(tried, tookMs)].join('\n')}\n`;

const sectionLines = ({ title, parts }: Tried): string[] => [
  title,
  ...parts.flatMap(({ part, findings }) => [`  ${part}`, ...partLines(findings)]),
  '',
];

function partLines(findings: readonly Finding[]): string[] {
  const passed = findings.filter(({ status }) => status === 'passed');
  const rest = passed.slice(shownOfPart).map(({ check }) => check);
  const others = findings.filter(({ status }) => status !== 'passed');
  return [
    ...passed.slice(0, shownOfPart).flatMap(passedLines),
    ...(rest.length === 0 ? [] : wrapped(`    ✓ ${rest.length} more: `, rest.join(', '), 6)),
    ...others.flatMap(otherLines),
  ];
}

const nameWidth = 27;

const passedLines = ({ check, found }: Finding): string[] =>
  wrapped(`    ✓ ${check.padEnd(nameWidth)} `, found, nameWidth + 7);

function otherLines({ check, status, expected, found, remedy }: Finding): string[] {
  const facts = { expected, found, do: remedy ?? 'see above' };
  return [
    `    ${marks[status]} ${check}${status === 'failed' ? '' : `: ${status}`}`,
    ...Object.entries(facts).flatMap(([word, text]) => wrapped(`      ${word.padEnd(9)} `, text, 16)),
  ];
}

/** Lines of at most 80 columns, the first one after `start`; what has no blank in it stays whole, so that it can be copied. */
function wrapped(start: string, text: string, hanging: number): string[] {
  const lines: string[] = [];
  let line = start;
  for (const word of text.split(/\s+/)) {
    const next = line === start ? `${start}${word}` : `${line} ${word}`;
    if (line === start || [...next].length <= width) line = next;
    else {
      lines.push(line);
      line = `${' '.repeat(hanging)}${word}`;
    }
  }
  return [...lines, line];
}

function summary(tried: readonly Tried[], tookMs: number): string[] {
  const findings = tried.flatMap(({ parts }) => parts.flatMap((part) => part.findings));
  const count = (...statuses: FindingStatus[]): number =>
    findings.filter(({ status }) => statuses.includes(status)).length;
  const [failed, unknown, open] = [count('failed'), count('unknown', 'possible'), count('not covered')];
  const total = `${counted(findings.length, 'check')} in ${(tookMs / 1_000).toFixed(1)} s`;
  const wrong = [
    ...(failed > 0 ? [`✗ ${failed} not as expected`] : []),
    ...(unknown > 0 ? [`? ${unknown} unknown, which does not count as passed`] : []),
  ];
  return [
    `${total}, nothing was changed:`,
    ...(wrong.length > 0 ? wrong : ['✓ no obstacles']).map((line) => `  ${line}`),
    ...(open > 0 ? [`  ○ ${open} not covered: no obstacle, for information`] : []),
  ];
}
