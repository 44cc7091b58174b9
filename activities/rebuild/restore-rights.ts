import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import type { ColumnCapture } from '../../adapters/catalogue/catalogue';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import type { CatalogueSnapshot } from '../../adapters/catalogue/catalogue-snapshot';
import { rightsIn } from '../../sql/captured-catalogue';
import { quoteIdentifier } from '../../sql/identifier';
import { rightStatements } from '../../sql/rights';
import type { RightStatement } from '../../sql/rights';
import type { Captured } from '../catalogue/captured-columns';

/**
 * Gives the rights on what has come back as they were, in the transaction that is open: resets what default privileges
 * have added, then grants as captured, by the roles that had granted. Where this role may not be one of them any more, the
 * owner grants instead: who has the right is the same, and the comparison tells who has it from another one.
 */
export async function restoreRights(
  client: PostgresClient,
  { before, now }: { before: CatalogueSnapshot; now: CatalogueSnapshot },
  owner: string,
): Promise<void> {
  const present = new Map(rightsIn(now, owner).map(({ object, rights }) => [object, rights]));
  for (const wanted of rightsIn(before, owner)) {
    const found = present.get(wanted.object);
    if (found === undefined) continue;
    for (const statement of rightStatements(wanted, found)) await run(client, statement, wanted.owner);
  }
}

/** Of a column that has just been made. What an earlier version of ours has captured is granted by its own statements. */
export async function restoreColumnRights(
  client: PostgresClient,
  { schema, table, column, owner, catalogue }: Captured<ColumnCapture>,
): Promise<void> {
  if (catalogue === undefined) return;
  const now = await snapshotOf(client, [{ schema, table, column }]);
  await restoreRights(client, { before: catalogue, now }, owner ?? '');
}

/** Also as the owner: of several roles that this one is a member of, the server takes any that may grant. */
async function run(client: PostgresClient, { as, sql }: RightStatement, owner: string): Promise<void> {
  await client.query('savepoint as_grantor');
  try {
    await client.query(`set local role ${quoteIdentifier(as)}`);
    await client.query(sql);
    await client.query('reset role');
  } catch (error) {
    if (!(error instanceof PostgresError) || error.reaction === 'retry' || error.reaction === 'probe') throw error;
    await client.query('rollback to savepoint as_grantor');
    if (as === owner || sql.startsWith('grant ')) await client.query(sql);
  }
  await client.query('release savepoint as_grantor');
}
