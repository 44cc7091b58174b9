import type { PostgresClient } from '../postgres/postgres';

/** Who is connected; never what they asked, since a statement's text can hold values. */
export interface SessionFacts {
  /** Of its process in the server; given again once that one is gone. */
  pid: number;
  /** Role that has logged in; null = a process of the server itself. */
  user: string | null;
  /** As the client names itself. */
  application: string | null;
  /**
   * `active`, `idle in transaction`, …; null without the right to see it (PostgreSQL documentation,
   * `pg_stat_activity`).
   */
  state: string | null;
  /** Age of its transaction; null if it has none or may not be seen. */
  transactionAgeMs: number | null;
  /** ISO, when the session began: only pid and this together name one session. Null without the right to see it. */
  startedAt: string | null;
}

const facts = `pid, usename as "user", application_name as application, state,
  extract(epoch from clock_timestamp() - xact_start)::float8 * 1000 as "transactionAgeMs",
  to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "startedAt"`;

/** What the callback returned; or which session holds the lock, undefined if that one is gone by now. */
export type Locked<T> = { locked: true; value: T } | { locked: false; holder: SessionFacts | undefined };

/**
 * Runs `callback` while this session holds the advisory lock `key`; does not wait: if another session holds it, says
 * which one. The lock goes with the session at the latest.
 */
export async function withAdvisoryLock<T>(
  client: PostgresClient,
  key: string,
  callback: () => Promise<T>,
): Promise<Locked<T>> {
  const taken = await client.query<{ locked: boolean }>(
    'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked',
    [key],
  );
  if (taken.rows[0]?.locked !== true) return { locked: false, holder: await findLockHolder(client, key) };
  try {
    return { locked: true, value: await callback() };
  } finally {
    // Fails only if the session is gone, and the lock with it.
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [key]).catch(() => undefined);
  }
}

/**
 * A lock by one 64-bit key has its halves in `classid` and `objid`, and 1 in `objsubid` (PostgreSQL documentation,
 * `pg_locks`).
 */
async function findLockHolder(client: PostgresClient, key: string): Promise<SessionFacts | undefined> {
  const { rows } = await client.query<SessionFacts>(
    `select ${facts} from pg_stat_activity where pid in (
       select pid from pg_locks
        where locktype = 'advisory' and granted and objsubid = 1
          and database = (select oid from pg_database where datname = current_database())
          and (classid::bigint << 32 | objid::bigint) = hashtextextended($1, 0))`,
    [key],
  );
  return rows[0];
}

/** Other sessions of this database that call themselves `applicationName`: what a dead worker left behind. */
export async function findSessions(client: PostgresClient, applicationName: string): Promise<SessionFacts[]> {
  const { rows } = await client.query<SessionFacts>(
    `select ${facts} from pg_stat_activity
      where application_name = $1 and datname = current_database() and pid <> pg_backend_pid() order by pid`,
    [applicationName],
  );
  return rows;
}

/** The same for names that begin like this. */
export async function findSessionsStarting(client: PostgresClient, prefix: string): Promise<SessionFacts[]> {
  const { rows } = await client.query<SessionFacts>(
    `select ${facts} from pg_stat_activity
      where starts_with(application_name, $1) and datname = current_database() and pid <> pg_backend_pid() order by pid`,
    [prefix],
  );
  return rows;
}

/**
 * Ends exactly this session (not one that got its pid later) and waits up to 3 s for its end; true if it is gone.
 * Needs the role of that session or `pg_signal_backend`.
 */
export async function endSession(client: PostgresClient, session: SessionFacts): Promise<boolean> {
  if (session.startedAt === null) return false; // of another role: we may not even see it
  const same = `pid = $1 and to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') = $2`;
  const { rows } = await client.query<{ ended: boolean }>(
    `select pg_terminate_backend(pid, 3000) as ended from pg_stat_activity where ${same} and pid <> pg_backend_pid()`,
    [session.pid, session.startedAt],
  );
  return rows[0]?.ended ?? true;
}

/**
 * Sessions that hold a lock on one of these tables, so that a message can name them. Those without a transaction come
 * last.
 */
export async function findBlockers(
  client: PostgresClient,
  tables: readonly { schema: string; table: string }[],
): Promise<SessionFacts[]> {
  const { rows } = await client.query<SessionFacts>(
    `select ${facts} from pg_stat_activity where pid <> pg_backend_pid() and pid in (
       select l.pid from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
        where l.granted and l.database = (select oid from pg_database where datname = current_database())
          and (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[])))
      order by xact_start nulls last, pid`,
    [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
  );
  return rows;
}

/** Old transactions of a database, as far as this role may see them. */
export interface LongTransactions {
  /** The oldest first. */
  sessions: SessionFacts[];
  /** Transactions prepared for two-phase commit: they keep their locks until someone ends them, without any session. */
  prepared: { name: string; owner: string; ageMs: number }[];
  /** Sessions whose transactions this role may not see (it lacks `pg_read_all_stats`): if any, the list is unknown. */
  hiddenCount: number;
}

/** Transactions of this database that are older than the limit: an ALTER would wait behind them. */
export async function findLongTransactions(client: PostgresClient, olderThanMs: number): Promise<LongTransactions> {
  const age = `make_interval(secs => $1::float8 / 1000)`;
  const sessions = await client.query<SessionFacts>(
    `select ${facts} from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and xact_start < clock_timestamp() - ${age}
      order by xact_start, pid`,
    [olderThanMs],
  );
  const prepared = await client.query<LongTransactions['prepared'][number]>(
    `select gid as name, owner, extract(epoch from clock_timestamp() - prepared)::float8 * 1000 as "ageMs"
       from pg_prepared_xacts
      where database = current_database() and prepared < clock_timestamp() - ${age} order by prepared, gid`,
    [olderThanMs],
  );
  const hidden = await client.query<{ hiddenCount: number }>(
    `select count(*)::int as "hiddenCount" from pg_stat_activity
      where datname = current_database() and backend_type is null`,
  );
  return { sessions: sessions.rows, prepared: prepared.rows, hiddenCount: hidden.rows[0]?.hiddenCount ?? 0 };
}
