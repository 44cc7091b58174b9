import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findColumns } from '../../adapters/catalogue/catalogue';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { runStatements } from '../../adapters/postgres/statements';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import type { TableDefinition } from '../../adapters/catalogue/table-definition';
import { permanent } from '../../contract/run/failures';
import { writtenName } from '../../contract/text/object-name';
import { visible } from '../../contract/text/plain-text';
import { takeCheckOff } from '../../sql/checks';
import { qualifiedName } from '../../sql/identifier';
import { notNullNames } from '../../sql/not-null-names';
import { asOneStatement, hasRowSecurity } from '../../sql/table-script';
import type { Captured } from '../catalogue/captured-columns';
import { restorable } from '../catalogue/compare-tables';
import { printedName } from '../catalogue/printed-name';
import { findChecks } from '../rows/around-checks';
import { restoreRights } from './restore-rights';

/**
 * The tables, empty, in the transaction that is open; in one of an earlier attempt, by its guard, nothing is done. Whoever
 * has a right on them sees no row before their policies are there. CHECKs follow after the rows.
 */
export async function makeTables(
  client: PostgresClient,
  definitions: readonly Captured<TableDefinition>[],
  isGuarded: boolean,
): Promise<void> {
  const missing: Captured<TableDefinition>[] = [];
  for (const definition of definitions) {
    if ((await findColumns(client, definition)) === undefined) missing.push(definition);
    else if (!isGuarded) throw alreadyThere(definition);
  }
  for (let rest = missing; rest.length > 0;) rest = await makeThoseThatCan(client, rest);
}

/** One can need another: its sequence, its row type. Returns those that are left for a later round. */
async function makeThoseThatCan(
  client: PostgresClient,
  definitions: readonly Captured<TableDefinition>[],
): Promise<Captured<TableDefinition>[]> {
  const later: Captured<TableDefinition>[] = [];
  let refusal: unknown;
  for (const definition of definitions) {
    await client.query('savepoint make_table');
    try {
      await makeOne(client, definition);
    } catch (error) {
      const lacks: (string | undefined)[] = [sqlstate.undefinedTable, sqlstate.undefinedObject];
      if (!(error instanceof PostgresError) || !lacks.includes(error.sqlstate)) throw error;
      await client.query('rollback to savepoint make_table');
      refusal = error;
      later.push(definition);
    }
    await client.query('release savepoint make_table');
  }
  if (later.length === definitions.length) throw refusal;
  return later;
}

async function makeOne(client: PostgresClient, captured: Captured<TableDefinition>): Promise<void> {
  const { before, catalogue } = await restorable(client, captured);
  const table = qualifiedName(captured);
  await client.query(asOneStatement(before));
  if (hasRowSecurity(captured)) await client.query(`alter table ${table} enable row level security`);
  if (catalogue === undefined) return;
  await client.query(`alter table ${table} no force row level security`); // nobody could fill it; as it was in the end
  for (const check of await findChecks(client, captured)) await runStatements(client, [takeCheckOff(captured, check)]);
  const present = await snapshotOf(client, [captured]);
  const relation = await printedName(client, captured);
  await runStatements(client, notNullNames(captured, relation, { captured: catalogue, present }));
  await restoreRights(client, { before: catalogue, now: present }, '');
}

const alreadyThere = ({ schema, table }: TableDefinition): Error =>
  permanent(
    'WrongState',
    `expected no table ${visible(writtenName(schema, table))}, found one; nothing was changed; find out who has made it, and drop it if it is empty`,
  );
