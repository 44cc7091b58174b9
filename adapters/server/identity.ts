import { randomUUID } from 'node:crypto';
import type { Postgres, PostgresClient } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import { sqlstate } from '../postgres/sqlstate';

/** Which database this is, and what may be done with it. Null: the role may not know. */
export interface DatabaseIdentity {
  /** Made at `initdb`; the same on physical copies and clones, so it does not tell staging from its source. */
  systemIdentifier: string | null;
  /** Grows at each promotion. */
  timeline: number | null;
  /** Another one after a restore; a physical copy keeps it. */
  databaseOid: number;
  databaseName: string;
  /** `server_version_num`, such as 160014. */
  versionNumber: number;
  /** As the server prints it; may name its packager: `16.14 (Debian 16.14-1)`. */
  version: string;
  /** False: it is in recovery, as every standby is. */
  primary: boolean;
  /** The role that the adapter works as. */
  user: string;
  superuser: boolean;
  /** The server's clock, ISO. */
  clockAt: string;
  /** By how much the server's clock is ahead of ours; half the round trip is uncertain. */
  clockAheadMs: number;
}

/** Reads {@link DatabaseIdentity}; changes nothing. */
export async function readIdentity(client: PostgresClient): Promise<DatabaseIdentity> {
  const before = Date.now();
  const clock = await client.query<{ clockMs: number }>(
    `select extract(epoch from clock_timestamp())::float8 * 1000 as "clockMs"`,
  );
  const clockMs = clock.rows[0]?.clockMs ?? Number.NaN;
  const clockAheadMs = Math.round(clockMs - (before + Date.now()) / 2);
  type Facts = Omit<DatabaseIdentity, 'systemIdentifier' | 'timeline' | 'clockAt' | 'clockAheadMs'>;
  const { rows } = await client.query<Facts>(
    `select d.oid::int8::float8 as "databaseOid", d.datname as "databaseName",
            current_setting('server_version_num')::int as "versionNumber", current_setting('server_version') as version,
            not pg_is_in_recovery() as "primary", current_user as "user", r.rolsuper as superuser
       from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`,
  );
  const facts = rows[0];
  if (facts === undefined) throw new PostgresError('expected a row of pg_database and pg_roles, found none');
  return {
    systemIdentifier: await readIfAllowed(client, 'select system_identifier::text from pg_control_system()'),
    timeline: await readIfAllowed(client, `select ${timelineOf(facts.primary)}`),
    ...facts,
    clockAt: new Date(clockMs).toISOString(),
    clockAheadMs,
  };
}

/** The control file names a new timeline only after the next checkpoint; the WAL's own name is exact. */
const timelineOf = (primary: boolean): string =>
  primary
    ? `('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int`
    : `timeline_id from pg_control_checkpoint()`;

/** Managed servers take these rights away, or have no such function. */
async function readIfAllowed<T>(client: PostgresClient, sql: string): Promise<T | null> {
  const missing: unknown[] = [sqlstate.insufficientPrivilege, sqlstate.undefinedFunction, '0A000'];
  try {
    const { rows } = await client.query<Record<string, T>>(sql);
    return Object.values(rows[0] ?? {})[0] ?? null;
  } catch (error) {
    if (error instanceof PostgresError && missing.includes(error.sqlstate)) return null;
    throw error;
  }
}

/**
 * What stands between us and the server. Behind a `transaction` pooler two of our statements can run in two sessions:
 * locks, limits and temporary tables mean nothing. `unknown` = there is a pooler, of which kind could not be seen.
 */
export type Pooler = 'none' | 'session' | 'transaction' | 'unknown';

/**
 * Looks for a pooler: it announces another pid than the server's. Whether it hands a server's session from one client
 * to the next is tried with two of our own sessions: one leaves a mark, the other looks for it. Changes nothing else.
 */
export async function findPooler(postgres: Postgres): Promise<Pooler> {
  return postgres.withClient(async (first) => {
    const pid = await pidOf(first);
    if (pid === first.announcedPid) return 'none';
    const mark = randomUUID();
    await first.query(`select set_config('rubicon.mark', $1, false)`, [mark]);
    if (await postgres.withClient((second) => sees(second, mark))) return 'transaction';
    return (await sees(first, mark, 1)) && (await pidOf(first)) === pid ? 'session' : 'unknown';
  });
}

/** Tried often, since a pooler can take its server sessions in turn. */
async function sees(client: PostgresClient, mark: string, attempts = 50): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { rows } = await client.query<{ mark: string | null }>(
      `select current_setting('rubicon.mark', true) as mark`,
    );
    if (rows[0]?.mark === mark) return true;
  }
  return false;
}

async function pidOf(client: PostgresClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? -1;
}
