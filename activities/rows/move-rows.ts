import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findColumns } from '../../adapters/catalogue/catalogue';
import { walkPages } from '../../adapters/rows/pages';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { ValidCheck } from '../../adapters/catalogue/valid-checks';
import { readShape } from '../../adapters/catalogue/table-shape';
import { permanent } from '../../contract/run/failures';
import { shortName } from '../../contract/text/object-name';
import type { Plan } from '../../contract/plan/plan';
import { placeName } from '../../contract/plan/places';
import type { RowsRemoval } from '../../contract/plan/removal';
import { removalsOfKind } from '../../contract/plan/removals';
import { qualifiedName } from '../../sql/identifier';
import { lockTables } from '../../sql/lock';
import { anyToRemove, countTaken, moveBack, moveBatchRows, moveOut, moveQuietly } from '../../sql/some-rows';
import type { Statement } from '../../sql/statement';
import { hiddenTable } from '../../sql/hidden-name';
import type { Session } from '../environment/session';
import { batchOrder, batchLimits } from '../schema-change/batch-limits';
import { findDanglingOfRows, findDanglingReferences } from '../state/dangling-references';
import { deferredTaken } from './deferred-rules';
import { noteValidChecks } from './note-valid-checks';
import { validateChecks } from './validate-constraints';
import { writeBack } from './write-back';
import { equalitiesOf } from '../state/equalities';
import { isHidden } from '../state/observe-state';
import { openThrottle, type ThrottledSession } from '../schema-change/throttle';
import { acquireWithRetry } from '../schema-change/acquire-with-retry';

/** Rows that go are hidden in batches: writers of other rows wait for none of them, and standbys are not left behind. */

const rowsOf = (plan: Pick<Plan, 'removes'>): RowsRemoval[] => removalsOfKind(plan, 'rows');

/**
 * Moves all rows that go out of sight; what an earlier attempt has moved is moved.
 *
 * @throws `WrongState` if a row that stays points at one of them, which could be written as long as it was there
 */
export async function hideRows(session: Moving, plan: Pick<Plan, 'removes'>, freeze: string): Promise<void> {
  const { client } = session;
  const removals = rowsOf(plan);
  await client.query('set statement_timeout = 0'); // it looks at large tables; the signal is its limit
  const equalities = await equalitiesOf(client, removals);
  for (const removal of removals) {
    const out = { removal, from: removal.table, statement: moveOut(removal, equalities) };
    const left = anyToRemove(removal, equalities);
    while ((await client.query<{ yes: boolean }>(left)).rows[0]?.yes === true) await move(session, out, freeze);
  }
  for (const removal of removals) {
    const orphans = await findDanglingReferences(client, removal, {
      beingRemoved: removals,
      among: hiddenTable(removal.table),
    });
    for (const { key, count } of orphans) {
      if (count === 0) continue;
      throw permanent(
        'WrongState',
        `expected no row that points at a hidden one, found ${count} by the foreign key ${key}; they were written meanwhile; ` +
          'have them point at something else, or name them in the plan',
      );
    }
  }
}

/** Moves whatever is hidden back to where it was. Returns, in words, which of them point at nothing by now. */
export async function showRows(
  { client, signal }: Omit<Session, 'environment'>,
  plan: Pick<Plan, 'removes'>,
  freeze: string,
): Promise<string[]> {
  const dangling: string[] = [];
  await client.query('set statement_timeout = 0');
  const columns = await writableOf(client, plan);
  const moved: RowsRemoval[] = [];
  const session = { client, signal, throttle: openThrottle({ client, signal }) };
  const wereValid = new Map<RowsRemoval, ValidCheck[]>();
  for (const removal of rowsOf(plan)) {
    if (!(await isHidden(client, removal))) continue;
    moved.push(removal);
    wereValid.set(removal, await noteValidChecks(client, removal));
    const from = hiddenTable(removal.table);
    const kept = await findColumns(client, { ...removal, table: from });
    const both = (columns.get(placeName(removal)) ?? []).filter((name) => kept?.includes(name));
    const taken = await deferredTaken(client, removal, { record: 'kept' });
    await move(session, { removal, from, statement: moveBack(removal, both), taken }, freeze);
  }
  for (const removal of moved) {
    const open = await validateChecks(client, removal, wereValid.get(removal) ?? []);
    dangling.push(...open.map(({ check, found }) => `${check} is NOT VALID now: ${found}`));
    for (const { key, count } of await findDanglingOfRows(client, removal)) {
      if (count > 0)
        dangling.push(
          `${count} rows of ${shortName(removal)} point at nothing by ${key}: deleted while they were hidden`,
        );
    }
  }
  return dangling;
}

/** By {@link placeName}: the columns that can be written. */
export async function writableOf(
  client: PostgresClient,
  plan: Pick<Plan, 'removes'>,
): Promise<Map<string, readonly string[]>> {
  const columns = new Map<string, readonly string[]>();
  for (const removal of rowsOf(plan)) {
    const shape = await readShape(client, removal);
    const written = (shape?.columns ?? []).filter(({ generated }) => !generated);
    columns.set(
      placeName(removal),
      written.map(({ name }) => name),
    );
  }
  return columns;
}

type Moving = Omit<ThrottledSession, 'environment'>;

interface Move {
  removal: RowsRemoval;
  from: string;
  statement: Statement;
  /** Of rows that come back: what the session would not notice, since it skips the triggers that check it. */
  taken?: readonly string[] | undefined;
}

async function move({ client, throttle, signal }: Moving, order: Move, freeze: string): Promise<void> {
  const { removal, from: table, statement, taken = [] } = order;
  await walkPages(client, { table: { schema: removal.schema, table }, rows: moveBatchRows }, async ({ from, to }) => {
    signal.throwIfAborted();
    const moved = await acquireWithRetry(batchOrder('the move of some rows', signal), () =>
      withTransaction(client, batchLimits, async () => {
        if (taken.length > 0) await client.query(lockTables([removal], 'share row exclusive'));
        await runStatements(client, moveQuietly(freeze));
        await refuseTaken(client, order, [from, to]);
        const { rowCount } = await writeBack(client, qualifiedName(removal), () =>
          client.query(statement.sql, [from, to]),
        );
        await failPoint('move: inside a batch');
        return rowCount;
      }),
    );
    await failPoint('move: between two batches');
    if (moved > 0) await throttle.untilCalm();
  });
}

async function refuseTaken(
  client: PostgresClient,
  { removal, taken = [] }: Move,
  pages: [string, string],
): Promise<void> {
  for (const condition of taken) {
    const { rows } = await client.query<{ count: number }>(countTaken(removal, condition), pages);
    const count = rows[0]?.count ?? Number.NaN;
    if (count === 0) continue;
    throw permanent(
      'WrongState',
      `expected that no one has taken what the hidden rows of ${removal.table} have alone, found ${count} rows whose values are ` +
        'there again, by a deferrable unique or exclusion constraint; no row of this batch was moved; change or delete those that ' +
        'were written meanwhile, then answer "retry"',
    );
  }
}
