import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { setStatementTimeout } from '../../adapters/postgres/transaction';
import { readChangeMarks } from '../../adapters/rows/change-marks';
import { runStatements } from '../../adapters/postgres/statements';
import { withPlainNames } from '../../adapters/postgres/search-path';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';
import { traitsOf } from '../../contract/plan/removals';
import { quickly } from '../../sql/copy';
import { lockTables, possibleRelations } from '../../sql/lock';
import { countUncopied, hiddenTables, measure, whatIsRemoved, type WhatIsRemoved } from '../../sql/what-is-removed';
import type { CopyRecord } from '../backup/copy-folder';
import { loadCopy } from '../backup/copy-values';
import type { Session } from '../environment/session';
import { ddlStatementTimeoutMs } from '../schema-change/acquire-with-retry';

/** Rows that were copied, and those of them that are there to be dropped: of columns that stay in use some may be deleted since. */
export interface Compared {
  copied: number;
  removedWhere: number;
}

/** What is about to be dropped, and the copy that was taken of it. */
interface Copied {
  plan: Plan;
  copy: CopyRecord;
}

/** What an attempt to drop leaves to the next one: reading a large table takes longer than to try for its lock. */
export interface SeenSame {
  /** By `readChangeMarks`, when the rows were read. */
  marks: string;
  compared: Compared;
}

/** A large table is read; whoever is gone meanwhile is noticed by the server within half a second. */
const readingTimeoutMs = 6 * 3_600_000;

/**
 * That what is about to be dropped is what was copied, by count and fingerprint, in the transaction of the drop and before
 * anybody has to wait for it. Guards against whatever got past the freeze.
 *
 * Tables and rows are hidden in tables of their own, which nobody may write from here on. A table whose columns go is in use:
 * rows can be deleted, so what is left has to be among what was copied. That no other row is there when the lock is won say
 * the marks: see {@link requireUnchanged}.
 *
 * @throws `WrongState` if anything else goes; nothing was changed then
 */
export async function requireSameAsCopied(
  session: Omit<Session, 'signal'>,
  copied: Copied,
  seen: SeenSame | undefined,
): Promise<SeenSame> {
  const { client } = session;
  const { plan } = copied;
  const unused = hiddenTables(plan);
  if (unused.length > 0) await client.query(lockTables(unused, 'share row exclusive'));
  const marks = await readChangeMarks(client, possibleRelations(plan));
  if (unused.length === 0 && seen?.marks === marks) return seen;
  await setStatementTimeout(client, readingTimeoutMs);
  const compared = await withPlainNames(client, () => compare(session, copied));
  await setStatementTimeout(client, ddlStatementTimeoutMs);
  return { marks, compared };
}

/** Under the lock. @throws PostgresError with the reaction `retry`: the next attempt reads anew */
export async function requireUnchanged(
  client: PostgresClient,
  plan: Plan,
  { marks }: Pick<SeenSame, 'marks'>,
): Promise<void> {
  if ((await readChangeMarks(client, possibleRelations(plan))) === marks) return;
  const found = 'found another trigger, function or file of them';
  throw new PostgresError(`expected the tables as they were a moment ago, ${found}`, { reaction: 'retry' });
}

async function compare(session: Omit<Session, 'signal'>, copied: Copied): Promise<Compared> {
  const { client } = session;
  const { plan, copy } = copied;
  await runStatements(client, quickly);
  const { rows } = await client.query<WhatIsRemoved>(measure(`(${whatIsRemoved(plan, 'hidden')})`));
  await client.query('set local enable_sort = on');
  const [removedWhere] = rows;
  const { taken } = copy;
  if (removedWhere === undefined) throw new PostgresError('expected a count of what is removed, found no row');
  const compared = { copied: taken.rows, removedWhere: removedWhere.rows };
  if (
    removedWhere.rows === taken.rows &&
    removedWhere.pairs === taken.pairs &&
    removedWhere.fingerprint === taken.fingerprint
  )
    return compared;
  if (hiddenTables(plan).length > 0) throw notTheSame(plan, compared, 'others, or with other values');
  const uncopied = await count(session, copied);
  if (uncopied > 0) throw notTheSame(plan, compared, `${uncopied} with a value that was not copied`);
  if (removedWhere.rows > taken.rows) throw notTheSame(plan, compared, 'more than were copied');
  return compared;
}

/** Some rows were deleted since: each that is left must be among the copied ones. */
async function count(session: Omit<Session, 'signal'>, { plan, copy }: Copied): Promise<number> {
  const { client } = session;
  await loadCopy(session, copy);
  await client.query('analyze rubicon_copy (hash)');
  const { rows } = await client.query<{ count: number }>(countUncopied(plan));
  await client.query('drop table rubicon_copy');
  return rows[0]?.count ?? Number.NaN;
}

function notTheSame(plan: Plan, { copied, removedWhere }: Compared, how: string): Error {
  const what = traitsOf(plan).savedUnit === 'value' ? 'rows with a value' : 'rows';
  return permanent(
    'WrongState',
    `expected to drop the ${copied} ${what} that were copied, found ${removedWhere}: ${how}; something got past the freeze; ` +
      'nothing was changed; answer "abort": everything is undone, with the data as it is now; find out who has written, then start again',
  );
}
