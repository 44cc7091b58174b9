import { shownPart } from '../../contract/text/object-name';
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
 * Normalised, and nothing else: the place of a restored column among the others, since the server adds a column at the end
 * only; and the order of a dump's GRANTs, which tells when each was given. Who has which right from whom is compared besides.
 * Lines of such entries are compared in the order of the alphabet.
 */
export function differencesOf(
  before: Snapshot,
  after: Snapshot,
  columnsAtTheEnd: ReadonlySet<string> = new Set(),
): Difference[] {
  const differences: Difference[] = [];
  for (const what of new Set([...before.keys(), ...after.keys()])) {
    const isMoved = /^ACL /.test(what) || (/^TABLE /.test(what) && columnsAtTheEnd.has(what.slice('TABLE '.length)));
    const texts = [before, after]
      .map((each) => each.get(what) ?? 'not there')
      .map(isMoved ? sortedLines : (text) => text);
    if (texts[0] !== texts[1]) differences.push({ what, before: texts[0] ?? '', after: texts[1] ?? '' });
  }
  return differences;
}

/** The table and the name of such an entry: either may have spaces, so the tables that there are say where one ends. */
function checkOf(what: string, before: Snapshot): { table: string; name: string } | undefined {
  const tables = [...before.keys()].filter((key) => key.startsWith('TABLE ')).map((key) => key.slice('TABLE '.length));
  const table = tables.find((each) => what.startsWith(`CHECK CONSTRAINT ${each} `));
  return table === undefined ? undefined : { table, name: what.slice(`CHECK CONSTRAINT ${table} `.length) };
}

/**
 * The first look, with each CHECK that rows are against by now as it has to come back: NOT VALID, if the way back has told
 * so. Nothing else can give it back.
 */
export function withoutTold(before: Snapshot, after: Snapshot, told: readonly string[]): Snapshot {
  const expected = new Map(before);
  for (const [what, is] of after) {
    const { table, name } = checkOf(what, before) ?? {};
    if (table === undefined || name === undefined) continue;
    const isTold = told.some((each) => each.includes(`constraint ${shownPart(name)} of `));
    const line = /ADD (CONSTRAINT .+) NOT VALID;$/s.exec(is)?.[1];
    const was = before.get(`TABLE ${table}`)?.split('\n') ?? [];
    const at = was.findIndex((each) => each.trim().replace(/,$/, '') === line);
    if (before.has(what) || !isTold || at < 0) continue;
    const now = expected.get(`TABLE ${table}`)?.split('\n') ?? [];
    const place = now.findIndex((each) => each.trim().replace(/,$/, '') === line);
    now.splice(place, 1);
    if (now[place]?.startsWith(')') === true) now[place - 1] = now[place - 1]?.replace(/,$/, '') ?? '';
    expected.set(`TABLE ${table}`, now.join('\n')).set(what, is);
  }
  return expected;
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
