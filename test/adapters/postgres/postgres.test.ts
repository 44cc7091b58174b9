import { PassThrough, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import { cleanError, PostgresError } from '../../../adapters/postgres/postgres-error';
import { runStatements } from '../../../adapters/postgres/statements';
import { reactionTo } from '../../../adapters/postgres/sqlstate';
import { until } from '../../support/looks/until';
import { openSampleDatabase, type SampleDatabase } from '../../support/stages/sample-database';

let database: SampleDatabase;
beforeAll(async () => (database = await openSampleDatabase('rubicon sessions')));
afterAll(() => database.close());

const planted = 'sk-planted-0123456789';

/** The error of a statement, as a caller sees it; fails the test if there is none. */
async function errorOf(sql: string, parameters: unknown[] = []): Promise<PostgresError> {
  const error = await database.postgres
    .withClient((client) => client.query(sql, parameters))
    .then(
      () => undefined,
      (caught: unknown) => caught,
    );
  expect(error).toBeInstanceOf(PostgresError);
  return error as PostgresError;
}

test('a session has its name, its limits, and no row-level security that hides rows', async () => {
  const settings = await database.postgres.withClient(async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name in ('application_name', 'statement_timeout', 'row_security',
        'client_connection_check_interval', 'TimeZone') order by name`,
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  });
  expect(settings).toEqual({
    application_name: 'rubicon sessions',
    client_connection_check_interval: '500',
    row_security: 'off',
    statement_timeout: '60000',
    TimeZone: 'UTC',
  });
});

test('a session ends with its callback, also when that throws', async () => {
  const failing = database.postgres.withClient(async (client) => {
    await client.query('create temporary table leftover ()');
    throw new Error('the step failed');
  });
  await expect(failing).rejects.toThrow('the step failed');
  await expect(errorOf('select * from leftover')).resolves.toMatchObject({ sqlstate: '42P01' });
});

test('several statements in one string are refused before the first of them runs', async () => {
  const error = await errorOf('create table first (); create table second ()');
  expect(error.sqlstate).toBe('42601');
  await expect(database.query(`select to_regclass('first') as first`)).resolves.toEqual([{ first: null }]);
});

test('a signal ends the session and what it does in the server', async () => {
  const stop = new AbortController();
  const sleeping = database.postgres.withClient(async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    setImmediate(() => stop.abort(new Error(`cancelled ${rows[0]?.pid}`)));
    await client.query('select pg_sleep(30)');
  }, stop.signal);
  const error = await sleeping.catch((caught: Error) => caught);
  expect(String(error)).toMatch(/^Error: cancelled \d+$/);
  const pid = Number(/\d+/.exec(String(error))?.[0]);
  await until(async () => (await database.query('select from pg_stat_activity where pid = $1', [pid])).length === 0);
});

test('a closed adapter ends its sessions and opens no more', async () => {
  const own = openPostgres({ url: database.url, applicationName: 'rubicon closing' });
  const sleeping = own.withClient(async (client) => {
    setImmediate(() => void own.close());
    await client.query('select pg_sleep(30)');
  });
  await expect(sleeping).rejects.toMatchObject({ name: 'PostgresError', reaction: 'probe' });
  await expect(own.withClient((client) => client.query('select 1'))).rejects.toThrow('found a closed one');
});

describe('an error says what happened and quotes no value', () => {
  test.each([
    ['a text that is no uuid', 'select $1::uuid', '22P02', 'abort'],
    ['a text that is too long', `insert into sessions (title) values (repeat($1, 40))`, '22001', 'abort'],
    [
      'a key that is there already',
      `insert into alembic_version values ('20260201_000006'), (left($1, 32))`,
      '23505',
      'abort',
    ],
    ['a null where none may be', `insert into sessions (title, owner_api_key) values (null, $1)`, '23502', 'abort'],
    ['an unknown column', 'select $1::text, owner from sessions', '42703', 'abort'],
    ['a division by zero', 'select length($1) / 0', '22012', 'abort'],
  ])('%s', async (_, sql, sqlstate, reaction) => {
    const error = await errorOf(sql, [planted]);
    expect(error).toMatchObject({ sqlstate, reaction });
    expect(JSON.stringify([error, error.message, error.stack, error.cause, { ...error }])).not.toContain('planted');
  });

  test('a function that raises what it was given', async () => {
    await database.query(
      `create function loud(value text) returns void language plpgsql as
         $$ begin raise exception 'bad key %', value using errcode = '23514'; end $$`,
    );
    const error = await errorOf('select loud($1)', [planted]);
    expect(error.sqlstate).toBe('23514');
    expect(error.message).toBe("the server's text is withheld, since it can quote values (SQLSTATE 23514)");
  });

  test('a parameter that a stream brings', async () => {
    const error = await database.postgres
      .withClient(async (client) => {
        await client.query('create temporary table numbers (number int)');
        const stream = client.copyFrom('copy numbers from stdin');
        await new Promise((resolve, reject) => {
          stream.on('error', reject).on('finish', resolve);
          stream.end(`${planted}\n`);
        });
      })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'PostgresError', sqlstate: '22P02' });
    expect(String((error as Error).stack)).not.toContain('planted');
  });

  test('what refuses to go with a column is named, since it is an object', async () => {
    await database.query('create view owners as select owner_api_key from sessions');
    const error = await errorOf('alter table sessions drop column owner_api_key');
    expect(error).toMatchObject({ sqlstate: '2BP01', reaction: 'hold' });
    expect(error.message).toContain('view owners depends on column owner_api_key of table sessions');
  });
});

describe('a copy whose session ends tells whoever reads or writes, and ends nobody else', () => {
  /** What a caller sees that begins with the stream, is busy while its session ends, and then goes on. */
  const seen = <T extends Readable | Writable>(
    begin: (client: PostgresClient) => Promise<T> | T,
    goOn: (stream: T) => Promise<unknown>,
  ): Promise<unknown> =>
    database.postgres
      .withClient(async (client) => {
        await client.query('create temporary table numbers (number int)');
        const stream = await begin(client);
        await database.query('select pg_terminate_backend($1, 5000)', [client.announcedPid]);
        await setTimeout(50);
        const error = await goOn(stream).catch((caught: unknown) => caught);
        await setTimeout(50); // the session's end is told, too
        throw error;
      })
      .catch((error: unknown) => error);
  const ended = { name: 'PostgresError', sqlstate: '57P01', reaction: 'probe' };
  const slow = 'copy (select 1 from pg_sleep(60)) to stdout';
  const startsFast = `copy (select generate_series(1, 10000) union all select 1 from pg_sleep(60)) to stdout`;
  const endless = 'copy (select generate_series(1, 1000000000)) to stdout';
  const readAll = async (stream: Readable) => {
    for await (const _ of stream) continue;
  };

  test('before anything is read', async () => {
    const end = await seen((client) => client.copyTo(slow), readAll);
    expect(end).toMatchObject(ended);
  });

  test('while nobody reads what the server sends: it cannot tell its reason then (PostgreSQL, `ProcessClientWriteInterrupt`)', async () => {
    const end = await seen(async (client) => {
      const stream = client.copyTo(endless);
      const blocked = `select from pg_stat_activity where pid = $1 and wait_event = 'ClientWrite'`;
      await until(async () => (await database.query(blocked, [client.announcedPid])).length === 1);
      return stream;
    }, readAll);
    expect(end).toMatchObject({ name: 'PostgresError', reaction: 'probe' });
  });

  test('while it is read', async () => {
    const end = await seen(
      async (client) => {
        const rows = client.copyTo(startsFast)[Symbol.asyncIterator]();
        await rows.next();
        return Object.assign(new PassThrough(), { rows });
      },
      async ({ rows }) => {
        while ((await rows.next()).done !== true);
      },
    );
    expect(end).toMatchObject(ended);
  });

  test('before anything is written', async () => {
    const end = await seen(
      (client) => client.copyFrom('copy numbers from stdin'),
      (stream) => pipeline(Readable.from(['1\n']), stream),
    );
    expect(end).toMatchObject(ended);
  });

  test('while it is written', async () => {
    const end = await seen(
      async (client) => {
        const stream = client.copyFrom('copy numbers from stdin');
        await new Promise((done) => stream.write('1\n', done));
        return stream;
      },
      (stream) => pipeline(Readable.from(['2\n']), stream),
    );
    expect(end).toMatchObject(ended);
  });
});

describe('a server that cannot be reached', () => {
  const failing = (url: string) =>
    openPostgres({ url, applicationName: 'rubicon lost', connectTimeoutMs: 500 })
      .withClient(async () => undefined)
      .catch((error: unknown) => error);

  test('is named with what to look at, without the password', async () => {
    const error = await failing('postgres://maria:planted-password@127.0.0.1:1/agent_api');
    expect(error).toMatchObject({
      reaction: 'retry',
      message: 'no connection to 127.0.0.1:1, database "agent_api": ECONNREFUSED',
    });
  });

  test('a wrong password is for a person', async () => {
    const url = new URL(database.url);
    url.password = 'planted-password';
    const error = await failing(url.href);
    expect(error).toMatchObject({ sqlstate: '28P01', reaction: 'hold' });
    expect(String(error)).not.toContain('planted');
  });

  test.each(['postgres://user:planted@[', 'postgres://user:planted@host:port/database'])(
    'an URL that is none: %s',
    async (url) => {
      const error = await failing(url);
      expect(error).toMatchObject({ name: 'PostgresError', reaction: 'hold' });
      expect(JSON.stringify([String(error), (error as Error).stack])).not.toContain('planted@');
    },
  );
});

test('a session that the server ends is lost with the reason, and the process lives', async () => {
  const error = await database.postgres
    .withClient(async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await database.query('select pg_terminate_backend($1, 3000)', [rows[0]?.pid]);
      await client.query('select 1');
    })
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ sqlstate: '57P01', reaction: 'probe' });
});

test('a statement that changes another number of rows than it must is an error', async () => {
  const wrong = { sql: `update alembic_version set version_num = 'b' where version_num = 'a'`, changes: 1 };
  await expect(database.postgres.withClient((client) => runStatements(client, [wrong]))).rejects.toMatchObject({
    message: `expected 1 changed rows, found 0: ${wrong.sql}`,
    reaction: 'abort',
  });
});

test.each([
  ['55P03', 'retry'],
  ['40P01', 'retry'],
  ['57014', 'retry'],
  ['08006', 'probe'],
  ['57P01', 'probe'],
  [undefined, 'probe'],
  ['42501', 'hold'],
  ['53100', 'hold'],
  ['25006', 'hold'],
  ['ZZ999', 'hold'],
  ['42703', 'abort'],
  ['23505', 'abort'],
])('SQLSTATE %s means %s', (state, reaction) => expect(reactionTo(state)).toBe(reaction));

test.each([
  ['nothing', undefined],
  ['a text', 'connection lost'],
  ['a code of Node', { code: 'EPIPE', message: 'write EPIPE' }],
  ['an error of the driver', new Error('Connection terminated')],
])('%s in place of an error of the server has an unknown outcome', (_, raw) => {
  expect(cleanError(raw)).toMatchObject({ sqlstate: undefined, reaction: 'probe' });
});
