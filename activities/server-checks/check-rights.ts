import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readRoleName } from '../../adapters/server/role-name';
import { findLockable } from '../../adapters/catalogue/lockable';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { parseTableName, type TableName } from '../../contract/text/object-name';
import { goneColumns, placeOf } from '../../contract/plan/places';
import { removalsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { refuseWriteSource } from '../../sql/freeze';
import { closeRowSource } from '../../sql/write-guard';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { checkReadable } from './check-readable';
import { byStatements } from '../environment/remedies';

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
  for (const [name, table] of tables) {
    const owner = await ownerOf(client, table);
    findings.push(await ownership(client, name, table, { owner, role }), await indexRight(client, name, table, owner));
  }
  if (revision !== undefined) findings.push(await revisionRight(client, parseTableName(revision.table), role));
  return [...findings, ...(await checkStandingRights(client))];
}

/** Of one table that a plan changes, beside those that it removes something of. */
export const checkOwnership = async (client: PostgresClient, table: TableName, role: string): Promise<Finding[]> => [
  await ownership(client, qualifiedName(table), table, { owner: await ownerOf(client, table), role }),
];

/** Quoted where needed. */
async function ownerOf(client: PostgresClient, { schema, table }: TableName): Promise<string> {
  const { rows } = await client.query<{ owner: string }>(
    `select quote_ident(pg_get_userbyid(c.relowner)) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  return rows[0]?.owner ?? 'current_user';
}

/** Those that every plan needs. */
export async function checkStandingRights(client: PostgresClient): Promise<Finding[]> {
  const role = await readRoleName(client);
  return [
    await ownSchema(client),
    await triggerRight(client, 'right to freeze', { name: 'refuse_write', source: refuseWriteSource }),
    await triggerRight(client, 'right to guard', { name: 'close_row', source: closeRowSource }),
    await temporaryRight(client, role),
    await checkReadable(client),
    await settings(client, role),
  ];
}

/** Locks, triggers with a comment, a new name, the drop: all of them are an owner's. */
async function ownership(
  client: PostgresClient,
  name: string,
  table: TableName,
  { owner, role }: { owner: string; role: string },
): Promise<Finding> {
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
async function indexRight(client: PostgresClient, name: string, table: TableName, owner: string): Promise<Finding> {
  const may = await ask(client, `has_schema_privilege(n.oid, 'create')`, table);
  return finding(`right to make indexes of ${name} again`, may, {
    expected: `create on schema ${table.schema}`,
    found: may ? 'granted' : 'not granted',
    ...byStatements(
      [`grant create on schema ${quoteIdentifier(table.schema)} to ${owner}`],
      'whose member this role is: a rollback needs it',
    ),
  });
}

async function revisionRight(client: PostgresClient, table: TableName, role: string): Promise<Finding> {
  const may = await mayAll(client, table, ['select', 'update']);
  const remedy = byStatements([`grant select, update on ${qualifiedName(table)} to ${role}`], '');
  const facts = { expected: 'select and update', found: may ? 'both' : 'not both', ...remedy };
  return finding('right to set the revision', may, facts);
}

const installAgain =
  'have a database administrator run what "rubicon doctor --install-sql" prints, with this role (--role)';

async function ownSchema(client: PostgresClient): Promise<Finding> {
  const rollouts = await mayAll(client, { schema: 'rubicon', table: 'rollout' }, ['select', 'insert', 'update']);
  let may = rollouts;
  for (const table of ['challenge', 'dropped', 'new_hash'])
    may &&= await mayAll(client, { schema: 'rubicon', table }, ['select', 'insert']);
  may &&= await mayAll(client, { schema: 'rubicon', table: 'throttle' }, ['select']);
  return finding('right to keep state', may, {
    expected:
      'select, insert and update on rubicon.rollout; select and insert on challenge, dropped, new_hash; select on throttle',
    found: may ? 'all of them' : 'not all of them',
    remedy: installAgain,
  });
}

/** Who makes a trigger must be allowed to call its function; who then writes need not. */
export async function triggerRight(
  client: PostgresClient,
  check: string,
  { name, source }: { name: string; source: string },
): Promise<Finding> {
  const { rows } = await client.query<{ may: boolean; isOurs: boolean }>(
    `select has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute') as may,
            p.prosrc = $2 as "isOurs"
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'rubicon' and p.proname = $1 and p.pronargs = 0`,
    [name, source],
  );
  const [is] = rows;
  const found = is === undefined ? 'no such function' : !is.isOurs ? 'another function of this name' : undefined;
  return finding(check, is?.may === true && is.isOurs, {
    expected: `execute on rubicon.${name}() as it is installed, usage on its schema`,
    found: found ?? (is?.may === true ? 'both' : 'not both'),
    remedy: installAgain,
  });
}

/** Keys come back through a table that nobody else sees and that is in no log. */
async function temporaryRight(client: PostgresClient, role: string): Promise<Finding> {
  const { rows } = await client.query<{ may: boolean; database: string }>(
    `select has_database_privilege(current_database(), 'temporary') as may, quote_ident(current_database()) as database`,
  );
  const may = rows[0]?.may === true;
  return finding('right to make temporary tables', may, {
    expected: 'temporary on the database',
    found: may ? 'granted' : 'not granted',
    ...byStatements([`grant temporary on database ${rows[0]?.database ?? ''} to ${role}`], 'a rollback needs it'),
  });
}

/** Without them it works, too, only slower; since PostgreSQL 15 they can be granted. */
async function settings(client: PostgresClient, role: string): Promise<Finding> {
  const { rows } = await client.query<{ may: boolean }>(
    `select bool_and(has_parameter_privilege(name, 'set')) as may from unnest($1::text[]) name`,
    [['deadlock_timeout', 'session_replication_role']],
  );
  const check = 'right to set limits';
  const expected = 'set on deadlock_timeout and session_replication_role';
  if (rows[0]?.may === true) return { check, status: 'passed', expected, found: 'both' };
  const remedy = byStatements(
    [`grant set on parameter deadlock_timeout, session_replication_role to ${role}`],
    'without it a running autovacuum is waited for, and a rollback lets writers of a table with triggers wait, a batch at a time',
  );
  return { check, status: 'not covered', expected, found: 'not both', ...remedy };
}

const mayAll = (client: PostgresClient, table: TableName, rights: string[]): Promise<boolean> =>
  ask(client, rights.map((right) => `has_table_privilege(c.oid, '${right}')`).join(' and '), table);

/** By the catalogue: names of a schema that may not be used are an error elsewhere. */
async function ask(client: PostgresClient, condition: string, { schema, table }: TableName): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select has_schema_privilege(n.oid, 'usage') and ${condition} as may
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  return rows[0]?.may === true;
}
