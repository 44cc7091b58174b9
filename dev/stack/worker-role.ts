import type { Client } from 'pg';
import { quoteIdentifier } from '../../sql/identifier';

/** As whom workers connect, and to whom the tables of the application belong; neither is a superuser. */
export const workerRole = 'rubicon_worker';
const ownerRole = 'agent_api_owner';

/** The same database as the worker's role, whose password is that of the superuser here. */
export const workerUrlOf = (superuserUrl: string): string =>
  Object.assign(new URL(superuserUrl), { username: workerRole }).href;

/**
 * Gives the worker the rights that it needs and no others, as a database administrator does with what
 * `rubicon doctor --install-sql` prints. Run as superuser, before that installation; safe to run twice.
 */
export async function installWorkerRole(client: Client, superuserUrl: string): Promise<void> {
  const password = decodeURIComponent(new URL(superuserUrl).password).replaceAll("'", "''");
  const worker = quoteIdentifier(workerRole);
  const owner = quoteIdentifier(ownerRole);
  const statements = [
    // Roles are the whole server's: another database may have made them, even at this moment.
    unlessThere(`create role ${owner} nologin`),
    unlessThere(`create role ${worker} login password '${password}'`),
    `grant ${owner}, pg_read_all_data, pg_read_all_stats, pg_signal_backend to ${worker}`,
    `grant set on parameter deadlock_timeout, session_replication_role to ${worker}`,
    `grant create on schema public to ${owner}`,
    ...['sessions', 'assistants', 'usage_events'].map((table) => `alter table ${table} owner to ${owner}`),
    `grant select, update on alembic_version to ${worker}`,
  ];
  for (const sql of statements) await client.query(sql);
}

const unlessThere = (sql: string): string =>
  `do $$ begin ${sql}; exception when duplicate_object or unique_violation then null; end $$`;
