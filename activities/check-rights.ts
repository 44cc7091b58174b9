import type { PostgresClient } from '../adapters/postgres';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { removalsOf } from '../contract/plan';
import type { Plan } from '../contract/plan';
import { parseTableName, qualifiedName } from '../sql/identifier';

/** What this role must be allowed to do, and what it had better be. */
export async function checkRights(
  client: PostgresClient,
  { removes, revision }: Pick<Plan, 'removes' | 'revision'>,
): Promise<Finding[]> {
  const tables = [...new Set(removalsOf({ removes }).map(qualifiedName))];
  const findings: Finding[] = [];
  for (const table of tables) {
    const owner = await ask(client, `select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass($1)`, [
      table,
    ]);
    findings.push(
      finding(`right to alter ${table}`, owner === true, {
        expected: 'membership in the role that owns the table',
        found: owner === true ? 'a member' : 'no member',
        remedy: 'grant <owner> to <role of the worker>: only an owner may drop a column',
      }),
    );
  }
  if (revision !== undefined) {
    const table = qualifiedName(parseTableName(revision.table));
    const may = await ask(
      client,
      `select has_table_privilege(to_regclass($1), 'select') and has_table_privilege(to_regclass($1), 'update')`,
      [table],
    );
    const remedy = `grant select, update on ${table} to <role of the worker>`;
    const facts = { expected: 'select and update', found: may === true ? 'both' : 'not both', remedy };
    findings.push(finding(`right to set the revision`, may === true, facts));
  }
  return [...findings, await ownSchema(client), await settings(client)];
}

async function ownSchema(client: PostgresClient): Promise<Finding> {
  const may = await ask(
    client,
    `select has_table_privilege(to_regclass('rubicon.rollout'), 'select, insert, update') is true
        and has_table_privilege(to_regclass('rubicon.challenge'), 'select') is true
        and has_table_privilege(to_regclass('rubicon.challenge'), 'insert') is true`,
  );
  return finding('right to keep state', may === true, {
    expected: 'select, insert and update on rubicon.rollout; select and insert on rubicon.challenge',
    found: may === true ? 'all of them' : 'not all of them',
    remedy: 'have a database administrator run what "rubicon doctor --install-sql" prints, with this role',
  });
}

/** Without them it works, too, only slower; since PostgreSQL 15 they can be granted. */
async function settings(client: PostgresClient): Promise<Finding> {
  const may = await ask(
    client,
    `select bool_and(has_parameter_privilege(name, 'set')) from unnest(array['deadlock_timeout', 'session_replication_role']) name`,
  );
  const check = 'right to set limits';
  const expected = 'set on deadlock_timeout and session_replication_role';
  if (may === true) return { check, status: 'passed', expected, found: 'both' };
  const remedy =
    'grant set on parameter deadlock_timeout, session_replication_role to <role of the worker>: without it a running autovacuum is waited for, and a rollback runs the triggers of the tables';
  return { check, status: 'not covered', expected, found: 'not both', remedy };
}

async function ask(client: PostgresClient, sql: string, parameters: string[] = []): Promise<unknown> {
  const { rows } = await client.query(sql, parameters);
  return Object.values(rows[0] ?? {})[0];
}
