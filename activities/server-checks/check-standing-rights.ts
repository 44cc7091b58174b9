import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readRoleName } from '../../adapters/server/role-name';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { refuseWriteSource } from '../../sql/freeze';
import { closeRowSource } from '../../sql/write-guard';
import { byStatements } from '../environment/remedies';
import { checkReadable } from './check-readable';
import { mayAll } from './table-rights';

/** Those that every plan needs. */
export async function checkStandingRights(client: PostgresClient): Promise<Finding[]> {
  const role = await readRoleName(client);
  return [
    await ownSchema(client),
    await triggerRight(client, 'right to freeze', { name: 'refuse_write', source: refuseWriteSource }),
    await triggerRight(client, 'right to set a write guard', { name: 'close_row', source: closeRowSource }),
    await temporaryRight(client, role),
    await checkReadable(client),
    await settings(client, role),
  ];
}

const installAgain =
  'have a database administrator run what "npx rubicon doctor --install-sql" prints, with this role (--role)';

async function ownSchema(client: PostgresClient): Promise<Finding> {
  const rollouts = await mayAll(client, { schema: 'rubicon', table: 'rollout' }, ['select', 'insert', 'update']);
  let may =
    rollouts && (await mayAll(client, { schema: 'rubicon', table: 'maintenance' }, ['select', 'insert', 'update']));
  for (const table of ['challenge', 'dropped', 'gate', 'new_hash'])
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
