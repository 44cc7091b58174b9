import type { Difference } from '../../adapters/dump/compare-fingerprints';
import { compareDefinitions, readDefinitions, type Definitions } from '../../adapters/dump/definitions';
import { digestRows, type RowsDigest } from '../../adapters/dump/rows-digest';
import { readSequences, type SequencePosition } from '../../adapters/dump/sequence-positions';
import { listTables } from '../../adapters/rows/fingerprint';
import { openPostgres, type PostgresSettings } from '../../adapters/postgres/postgres';
import { sqlName, type TableName } from '../../adapters/postgres/sql-name';
import type { Finding } from '../../contract/run/findings';
import { heartbeat } from '../environment/heartbeat';

/** All that must be equal before and after: definitions with rights and comments, rows, sequences. */
export interface CopyState {
  /** Transactions from this one on come after it. */
  xid: string;
  definitions: Definitions;
  rows: RowsDigest[];
  sequences: Map<string, SequencePosition>;
}

/** As superuser of the throw-away server, so that nothing is hidden from it. */
export async function readCopyState(
  toolsFolder: string,
  superuser: PostgresSettings,
  signal: AbortSignal,
): Promise<CopyState> {
  const [definitions, sequences, { rows, xid }] = await Promise.all([
    readDefinitions(toolsFolder, superuser, signal),
    readSequences(superuser),
    openPostgres(superuser).withClient(async (client) => {
      const tables = (await listTables(client)).filter(({ schema }) => schema !== 'rubicon');
      const found = await digestRows(client, tables, { tell: (tablesDone) => heartbeat({ tablesDone }) });
      const { rows: ids } = await client.query<{ xid: string }>('select pg_current_xact_id()::text as xid');
      return { rows: found, xid: ids[0]?.xid ?? '0' };
    }, signal),
  ]);
  return { xid, definitions, rows, sequences };
}

/**
 * Rows that were only added to tables which are not the plan's, by the database's own triggers: a log of what is done to it
 * does that, and nothing is lost. By table, how many.
 */
export async function addedRows(
  superuser: PostgresSettings,
  { before, after }: { before: CopyState; after: CopyState },
  ofPlan: readonly TableName[],
): Promise<Map<string, number>> {
  const own = new Set(ofPlan.map(sqlName));
  const was = new Map(before.rows.map((each) => [sqlName(each), each]));
  const grown = after.rows.filter(
    (each) => !own.has(sqlName(each)) && each.rowCount > (was.get(sqlName(each))?.rowCount ?? Number.POSITIVE_INFINITY),
  );
  if (grown.length === 0) return new Map();
  const old = await openPostgres(superuser).withClient((client) =>
    digestRows(client, grown, { writtenBefore: before.xid }),
  );
  const same = old.filter((each) => each.digest === was.get(sqlName(each))?.digest);
  return new Map(
    same.map((each) => {
      const now = grown.find((one) => sqlName(one) === sqlName(each));
      return [sqlName(each), (now?.rowCount ?? 0) - each.rowCount];
    }),
  );
}

/** Differences that a report names; more of them say nothing more. */
const toldDifferences = 12;

/** One finding for each thing that is not as it was. */
export function compareStates(before: CopyState, after: CopyState, added = new Map<string, number>()): Finding[] {
  const definitions = compareDefinitions(before.definitions, after.definitions);
  const claims = [...definitions.filter(({ onlyNotValid }) => onlyNotValid).map(isNotValid), ...[...added].map(isLog)];
  const others = [
    ...definitions.filter(({ onlyNotValid }) => !onlyNotValid),
    ...compareRows(before.rows, after.rows).filter(({ table }) => !added.has(table)),
    ...compareSequences(before.sequences, after.sequences, added),
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

const isLog = ([table, rows]: [string, number]): Finding => ({
  check: `rehearsal on the copy: rows added to ${table}`,
  status: 'not covered',
  expected: 'a table that is as it was before',
  found: `${rows} rows more, all others as they were: triggers of this database (of tables or of events) have written them on the way`,
  remedy: 'nothing to do if it is a log of what is done to the database; the same will be written there',
});

/** The server can't be told that a constraint held once: it comes back for new rows. */
const isNotValid = ({ where }: Difference): Finding => ({
  check: `rehearsal on the copy: ${where}`,
  status: 'not covered',
  expected: 'a constraint that holds for every row, as it says today',
  found: 'rows that do not satisfy it any more: after a rollback it holds for new rows alone (NOT VALID)',
  remedy: 'nothing to do, unless someone relies on it for old rows',
});

function compareRows(before: readonly RowsDigest[], after: readonly RowsDigest[]): (Difference & { table: string })[] {
  const left = new Map(after.map((each) => [sqlName(each), each]));
  const told = (table: string, expected: string, found: string) => ({
    where: `rows of ${table}`,
    table,
    expected,
    found,
  });
  const differences = before.flatMap((was) => {
    const table = sqlName(was);
    const is = left.get(table);
    left.delete(table);
    if (is === undefined) return [told(table, `${was.rowCount} rows`, 'no such table')];
    if (is.rowCount !== was.rowCount) return [told(table, `${was.rowCount} rows`, `${is.rowCount} rows`)];
    return is.digest === was.digest ? [] : [told(table, 'the same values', 'at least one other value')];
  });
  return [...differences, ...[...left.values()].map((is) => told(sqlName(is), 'no such table', `${is.rowCount} rows`))];
}

/** One that only tables use to which rows were added has gone on with them. */
function compareSequences(
  before: CopyState['sequences'],
  after: CopyState['sequences'],
  added: ReadonlyMap<string, number>,
): Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const isOfLog = (name: string): boolean => {
    const { usedBy = [] } = before.get(name) ?? {};
    return usedBy.length > 0 && usedBy.every((table) => added.has(table));
  };
  return names
    .filter((name) => before.get(name)?.at !== after.get(name)?.at && !isOfLog(name))
    .map((name) => ({
      where: `sequence ${name}`,
      expected: before.get(name)?.at ?? 'none',
      found: after.get(name)?.at ?? 'none',
    }));
}
