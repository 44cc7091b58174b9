import type { Difference } from '../../adapters/compare-fingerprints';
import { compareDefinitions, readDefinitions, readSequences, type Definitions } from '../../adapters/dump/definitions';
import { digestRows, type RowsDigest } from '../../adapters/dump/rows-digest';
import { listTables } from '../../adapters/fingerprint';
import { openPostgres, type PostgresSettings } from '../../adapters/postgres';
import { sqlName } from '../../adapters/sql-name';
import type { Finding } from '../../contract/findings';
import { heartbeat } from '../heartbeat';

/** All that must be equal before and after: definitions with rights and comments, rows, sequences. */
export interface CopyState {
  definitions: Definitions;
  rows: RowsDigest[];
  sequences: Map<string, string>;
}

/** As superuser of the throw-away server, so that nothing is hidden from it. */
export async function readCopyState(
  toolsFolder: string,
  superuser: PostgresSettings,
  signal: AbortSignal,
): Promise<CopyState> {
  const [definitions, rows] = await Promise.all([
    readDefinitions(toolsFolder, superuser, signal),
    openPostgres(superuser).withClient(async (client) => {
      const tables = (await listTables(client)).filter(({ schema }) => schema !== 'rubicon');
      return digestRows(client, tables, (tablesDone) => heartbeat({ tablesDone }));
    }, signal),
  ]);
  return { definitions, rows, sequences: await readSequences(superuser) };
}

/** Differences that a report names; more of them say nothing more. */
const toldDifferences = 12;

/** One finding for each thing that is not as it was. */
export function compareStates(before: CopyState, after: CopyState): Finding[] {
  const definitions = compareDefinitions(before.definitions, after.definitions);
  const claims = definitions.filter(({ onlyNotValid }) => onlyNotValid).map(isNotValid);
  const others = [
    ...definitions.filter(({ onlyNotValid }) => !onlyNotValid),
    ...compareRows(before.rows, after.rows),
    ...compareSequences(before.sequences, after.sequences),
  ];
  const told = others.slice(0, toldDifferences).map(isDifferent);
  if (others.length <= toldDifferences) return [...told, ...claims];
  const [first] = others;
  return [
    ...told,
    ...claims,
    isDifferent({
      where: `${others.length - toldDifferences} more`,
      expected: 'all as it was',
      found: `differences such as that of ${first?.where ?? ''}`,
    }),
  ];
}

const isDifferent = ({ where, expected, found }: Difference): Finding => ({
  check: `rehearsal on the copy: ${where}`,
  status: 'failed',
  expected: `as it was before: ${expected}`,
  found: `${found} after the rollback on a throw-away server`,
  remedy:
    'nothing real was touched; change what is named so that it comes back, or leave it out of the plan; then start again',
});

/** The server can't be told that a constraint held once: it comes back for new rows. */
const isNotValid = ({ where }: Difference): Finding => ({
  check: `rehearsal on the copy: ${where}`,
  status: 'not covered',
  expected: 'a constraint that holds for every row, as it says today',
  found: 'rows that do not satisfy it any more: after a rollback it holds for new rows alone (NOT VALID)',
  remedy: 'nothing to do, unless somebody relies on it for old rows',
});

function compareRows(before: readonly RowsDigest[], after: readonly RowsDigest[]): Difference[] {
  const left = new Map(after.map((each) => [sqlName(each), each]));
  const differences = before.flatMap((was): Difference[] => {
    const where = `rows of ${sqlName(was)}`;
    const is = left.get(sqlName(was));
    left.delete(sqlName(was));
    if (is === undefined) return [{ where, expected: `${was.rowCount} rows`, found: 'no such table' }];
    if (is.rowCount !== was.rowCount)
      return [{ where, expected: `${was.rowCount} rows`, found: `${is.rowCount} rows` }];
    return is.digest === was.digest ? [] : [{ where, expected: 'the same values', found: 'at least one other value' }];
  });
  const added = [...left.values()].map((is) => ({
    where: `rows of ${sqlName(is)}`,
    expected: 'no such table',
    found: `${is.rowCount} rows`,
  }));
  return [...differences, ...added];
}

function compareSequences(before: CopyState['sequences'], after: CopyState['sequences']): Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({
      where: `sequence ${name}`,
      expected: before.get(name) ?? 'none',
      found: after.get(name) ?? 'none',
    }));
}
