import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readRoleName } from '../../adapters/server/role-name';
import { findLockable } from '../../adapters/catalogue/lockable';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { parseTableName, type TableName } from '../../contract/text/object-name';
import { goneColumns, placeOf } from '../../contract/plan/places';
import { removalsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { qualifiedName } from '../../sql/identifier';
import { byStatements } from '../environment/remedies';
import { checkTableRights } from './check-ownership';
import { checkStandingRights } from './check-standing-rights';
import { mayAll } from './table-rights';

/** What this role must be allowed to do, and what it had better be. */
export async function checkRights(
  client: PostgresClient,
  { removes, revision }: Pick<Plan, 'removes' | 'revision'>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const tables = new Map<string, TableName>();
  const removals = removalsOf({ removes });
  for (const table of goneColumns(removals)) tables.set(qualifiedName(table), table);
  // What goes as a whole may be gone by an earlier rollout; an index is its table's owner's.
  for (const table of await findLockable(client, removals.map(placeOf))) tables.set(qualifiedName(table), table);
  const role = await readRoleName(client);
  for (const table of tables.values()) findings.push(...(await checkTableRights(client, table, role)));
  if (revision !== undefined) findings.push(await revisionRight(client, parseTableName(revision.table), role));
  return [...findings, ...(await checkStandingRights(client))];
}

async function revisionRight(client: PostgresClient, table: TableName, role: string): Promise<Finding> {
  const may = await mayAll(client, table, ['select', 'update']);
  const remedy = byStatements([`grant select, update on ${qualifiedName(table)} to ${role}`], '');
  const facts = { expected: 'select and update', found: may ? 'both' : 'not both', ...remedy };
  return finding('right to set the revision', may, facts);
}
