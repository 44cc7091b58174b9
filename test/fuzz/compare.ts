import type { Snapshot } from './snapshot';

/** Something that is not as it was. */
export interface Difference {
  /** Such as `CONSTRAINT public.orders orders_check`. */
  what: string;
  before: string;
  after: string;
}

/**
 * What differs between two looks. `columnsAtTheEnd`: tables that got a column back, as `schema.table`.
 *
 * Normalised, and nothing else: the place of a restored column among the others. The server adds a column at the end only,
 * so the lines of such a table's definition are compared in the order of the alphabet.
 */
export function differencesOf(
  before: Snapshot,
  after: Snapshot,
  columnsAtTheEnd: ReadonlySet<string> = new Set(),
): Difference[] {
  const differences: Difference[] = [];
  for (const what of new Set([...before.keys(), ...after.keys()])) {
    const isMoved = /^TABLE /.test(what) && columnsAtTheEnd.has(what.slice('TABLE '.length));
    const texts = [before, after]
      .map((each) => each.get(what) ?? 'not there')
      .map(isMoved ? sortedLines : (text) => text);
    if (texts[0] !== texts[1]) differences.push({ what, before: texts[0] ?? '', after: texts[1] ?? '' });
  }
  return differences;
}

const sortedLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/,$/, ''))
    .sort()
    .join('\n');

/** The lines that only one of the two has. */
export function differenceText({ what, before, after }: Difference): string {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const lines = [
    ...was.filter((line) => !is.includes(line)).map((line) => `  - ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `  + ${line}`),
  ];
  return [what, ...lines.slice(0, 12)].join('\n');
}
