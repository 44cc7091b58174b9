import type { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { cleaning, endingSession } from './copy-stream';
import { setUp } from './own-settings';
import { cleanError, PostgresError } from './postgres-error';

/** How to reach one database. */
export interface PostgresSettings {
  /** `postgres://user:password@host:port/database`; never shown again. What it lacks comes from PGPASSWORD and the like. */
  url: string;
  /** Shown in `pg_stat_activity`, and how a session that outlived its client is found again. At most 63 bytes. */
  applicationName: string;
  /** Limit of each statement that sets no other one; default 60,000, 0 = none. */
  statementTimeoutMs?: number;
  /** Default 5,000. */
  connectTimeoutMs?: number;
}

/** The server's answer to one statement. */
export interface QueryAnswer<Row> {
  /** Empty for a statement that returns none. */
  rows: Row[];
  /** Rows returned or changed. */
  rowCount: number;
  /** Tag of what was really done: a COMMIT that could only roll back says ROLLBACK. */
  command: string;
}

/** One session. Every error of it is a {@link PostgresError}. */
export interface PostgresClient {
  /** One statement; several in one string are refused by the server, since they would survive a killed client. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<QueryAnswer<Row>>;
  /** Rows of `copy (…) to stdout`, as the server sends them. */
  copyTo(sql: string): Readable;
  /** Takes rows for `copy … from stdin`. */
  copyFrom(sql: string): Writable;
  /** Where this session is, by the server's last answer; asks nothing. */
  transactionStatus(): 'idle' | 'open' | 'failed';
  /** The process that the server named at the start; another one than `pg_backend_pid()` behind a pooler. */
  readonly announcedPid: number;
}

/** One database. It has no pool: each call has a session of its own. */
export interface Postgres {
  /**
   * Opens a session, calls back, ends the session. A session of its own for each call: nothing (settings, locks,
   * temporary tables) can leak into the next one. `signal` ends it at once, and the server ends its statement.
   *
   * @throws PostgresError if no session can be opened, or after `close`; the signal's reason; what `callback` throws
   */
  withClient<T>(callback: (client: PostgresClient) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Ends every open session; further calls are refused. */
  close(): Promise<void>;
}

/** Opens nothing yet; the first session does. */
export function openPostgres(settings: PostgresSettings): Postgres {
  const open = new Set<pg.Client>();
  let closed = false;

  async function withClient<T>(callback: (client: PostgresClient) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (closed) throw new PostgresError('expected an open adapter, found a closed one; the worker is stopping');
    signal?.throwIfAborted();
    const raw = newClient(settings);
    const lost = lossOf(raw);
    const kill = () => (raw.connection.stream.destroy(), undefined);
    signal?.addEventListener('abort', kill, { once: true });
    open.add(raw);
    try {
      await connect(raw);
      const client = clientOf(raw, lost);
      await setUp(client.query, settings.statementTimeoutMs ?? 60_000);
      return await callback(client);
    } catch (error) {
      signal?.throwIfAborted(); // a destroyed socket is the consequence, not the reason
      throw error;
    } finally {
      open.delete(raw);
      signal?.removeEventListener('abort', kill);
      await end(raw);
    }
  }

  return {
    withClient,
    close: async () => {
      closed = true;
      await Promise.all([...open].map(end));
    },
  };
}

function newClient(settings: PostgresSettings): pg.Client {
  try {
    return new pg.Client({
      connectionString: settings.url,
      application_name: settings.applicationName,
      connectionTimeoutMillis: settings.connectTimeoutMs ?? 5_000,
      keepAlive: true,
    });
  } catch {
    // The parser's own message can hold a part of the URL.
    throw new PostgresError('expected a URL such as postgres://user@host:5432/database; correct the setting', {
      reaction: 'hold',
    });
  }
}

/** Without a listener a session that ends between two statements would end the whole process. */
function lossOf(raw: pg.Client): () => unknown {
  let loss: unknown;
  raw.on('error', (error) => (loss ??= error));
  return () => loss;
}

async function connect(raw: pg.Client): Promise<void> {
  try {
    await raw.connect();
  } catch (error) {
    const { message, sqlstate: state } = cleanError(error);
    const text = `no connection to ${raw.host}:${raw.port}, database "${raw.database}": ${message}`;
    // No session was opened, so nothing can have happened: a lost connection is worth another attempt here.
    throw state === undefined
      ? new PostgresError(text, { reaction: 'retry' })
      : new PostgresError(text, { sqlstate: state });
  }
}

function clientOf(raw: pg.Client, lost: () => unknown): PostgresClient {
  const clean = (error: unknown): PostgresError => {
    const cleaned = cleanError(error);
    // "Connection terminated" hides the server's reason, which came as an event.
    return cleaned.sqlstate === undefined && lost() !== undefined ? cleanError(lost()) : cleaned;
  };
  return {
    async query<Row>(text: string, parameters: readonly unknown[] = []) {
      // The extended protocol takes exactly one statement.
      const config = { text, values: [...parameters], queryMode: 'extended' };
      const answer = await raw.query(config).catch((error: unknown) => Promise.reject(clean(error)));
      return { rows: answer.rows as Row[], rowCount: answer.rowCount ?? 0, command: answer.command };
    },
    copyTo: (sql) => endingSession(raw, cleaning(raw.query(copyTo(sql)), clean)),
    copyFrom: (sql) => cleaning(raw.query(copyFrom(sql)), clean),
    transactionStatus: () => ({ T: 'open', E: 'failed', I: 'idle' })[raw.getTransactionStatus() ?? 'I'] as 'idle',
    announcedPid: (raw as pg.Client & { processID: number }).processID,
  };
}

/** Never waits long: what the server still does is ended by the check above. */
async function end(raw: pg.Client): Promise<void> {
  const limit = setTimeout(() => raw.connection.stream.destroy(), 1_000);
  await raw.end().catch(() => undefined);
  clearTimeout(limit);
}
