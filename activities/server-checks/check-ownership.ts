import type { PostgresClient } from '../../adapters/postgres/postgres';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { TableName } from '../../contract/text/object-name';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { byStatements } from '../environment/remedies';
import { ask } from './table-rights';

/** Of one table that a plan changes, beside those that it removes something of. */
export const checkOwnership = async (client: PostgresClient, table: TableName, role: string): Promise<Finding[]> => [
  await ownership(client, table, { owner: await ownerOf(client, table), role }),
];

/** Of a table that a plan removes something of: its indexes have to be made again, too. */
export async function checkTableRights(client: PostgresClient, table: TableName, role: string): Promise<Finding[]> {
  const owner = await ownerOf(client, table);
  return [await ownership(client, table, { owner, role }), await indexRight(client, table, owner)];
}

/** Quoted where needed. */
async function ownerOf(client: PostgresClient, { schema, table }: TableName): Promise<string> {
  const { rows } = await client.query<{ owner: string }>(
    `select quote_ident(pg_get_userbyid(c.relowner)) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  return rows[0]?.owner ?? 'current_user';
}

/** Locks, triggers with a comment, a new name, the drop: all of them are an owner's. */
async function ownership(
  client: PostgresClient,
  table: TableName,
  { owner, role }: { owner: string; role: string },
): Promise<Finding> {
  const name = qualifiedName(table);
  const may = await ask(client, `pg_has_role(c.relowner, 'usage')`, table);
  return finding(`right to alter ${name}`, may, {
    expected: 'membership in the role that owns the table',
    found: may ? 'a member' : 'no member',
    ...((await isSuperuser(client, table))
      ? byStatements(
          [`alter table ${name} owner to ${role}`],
          `only an owner may freeze, hide or drop; ${owner} is a superuser, whom the worker must not become`,
        )
      : byStatements([`grant ${owner} to ${role}`], 'only an owner may freeze, hide or drop')),
  });
}

/** Of the role that owns the table. */
const isSuperuser = (client: PostgresClient, table: TableName): Promise<boolean> =>
  ask(client, 'exists (select from pg_roles r where r.oid = c.relowner and r.rolsuper)', table);

/** An index belongs to whoever makes it, in the table's schema: nobody notices the lack before a rollback. */
async function indexRight(client: PostgresClient, table: TableName, owner: string): Promise<Finding> {
  const may = await ask(client, `has_schema_privilege(n.oid, 'create')`, table);
  return finding(`right to make indexes of ${qualifiedName(table)} again`, may, {
    expected: `create on schema ${table.schema}`,
    found: may ? 'granted' : 'not granted',
    ...byStatements(
      [`grant create on schema ${quoteIdentifier(table.schema)} to ${owner}`],
      'whose member this role is: a rollback needs it',
    ),
  });
}
