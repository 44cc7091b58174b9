import { openPostgres } from '../../../adapters/postgres/postgres';
import { checkSession } from '../../../activities/server-checks/check-session';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { followRemedy } from '../../support/looks/remedy';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
let role: string;
let url: string;
beforeAll(async () => {
  database = await createDatabase();
  role = `worker_${database.name}`;
  await database.query(`create role ${role} login password 'planted'`);
  url = Object.assign(new URL(database.url), { username: role, password: 'planted' }).href;
});
afterAll(async () => {
  await database.query(`drop owned by ${role}; drop role ${role}`);
  await database.drop();
});

const inSession = <T>(work: Parameters<ReturnType<typeof openPostgres>['withClient']>[0], at = url): Promise<T> => {
  const postgres = openPostgres({ url: at, applicationName: 'rubicon test' });
  return postgres.withClient(work).finally(() => postgres.close()) as Promise<T>;
};
const look = (at?: string) => inSession<Finding[]>(checkSession, at);
const stops = async (at?: string) => obstacles(await look(at)).map((each) => `${each.check}: ${each.found}`);

test('a role like any other is fit for a rollout', async () => {
  await expect(stops()).resolves.toEqual([]);
});

const inDatabase = 'ALTER ROLE ROLE IN DATABASE DB SET ';
const readOnly = ['transactions of the worker', [`${inDatabase}default_transaction_read_only TO 'off';`]] as const;

/** What is set, what it would have stopped, and all that its remedy changes: whoever set it may have meant everybody else. */
test.each([
  ['alter role ROLE set default_transaction_read_only = on', ...readOnly],
  ['alter database DB set default_transaction_read_only = on', ...readOnly],
  ['alter role ROLE in database DB set default_transaction_read_only = on', ...readOnly],
  [
    'alter database DB set session_replication_role = replica',
    'triggers in sessions of the worker',
    [`${inDatabase}session_replication_role TO 'origin';`],
  ],
  [
    'alter database DB set search_path = own, pg_catalog',
    'names in sessions of the worker',
    [`${inDatabase}search_path TO 'own';`],
  ],
  ['alter role ROLE connection limit 3', 'sessions of the worker', []],
  ['alter database DB connection limit 4', 'sessions of the worker', ['ALTER DATABASE DB CONNECTION LIMIT = N;']],
])('%s: found, and mended by its remedy', async (sql, check, lines) => {
  const named = (text: string) => text.replace(/\bROLE\b/, role).replace(/\bDB\b/, database.name);
  await database.query(named(sql));
  try {
    const [stop, ...others] = obstacles(await look());
    expect([stop?.check, others]).toEqual([check, []]);
    const { added } = await followRemedy(database, stop as Finding);
    const text = added.map((line) => line.replace(role, 'ROLE').replace(database.name, 'DB').replace(/\d+;$/, 'N;'));
    expect(text).toEqual(lines);
    await expect(stops()).resolves.toEqual([]);
  } finally {
    for (const undo of [
      'alter role ROLE reset all',
      'alter role ROLE in database DB reset all',
      'alter database DB reset all',
    ])
      await database.query(named(undo));
    for (const undo of ['alter role ROLE', 'alter database DB'])
      await database.query(named(`${undo} connection limit -1`));
  }
});

test('a read-only connection can be mended nowhere but in the settings', async () => {
  const unwritable = new URL(url);
  unwritable.searchParams.set('options', '-c default_transaction_read_only=on');
  const [stop] = obstacles(await look(unwritable.href));
  expect(stop).toMatchObject({ check: 'transactions of the worker', status: 'failed' });
  expect(stop?.remedySql).toBeUndefined();
  expect(stop?.remedy).toMatch(/^take default_transaction_read_only out of the connection/);
});

test('a password that ends before the rollout does is told, or stops', async () => {
  const until = (days: number) =>
    database.query(`alter role ${role} valid until '${new Date(Date.now() + days * 86_400_000).toISOString()}'`);
  await until(2);
  expect(await stops()).toEqual([expect.stringMatching(/^password of the worker: until 20/)]);
  await until(10);
  expect(await stops()).toEqual([]);
  expect((await look()).find((each) => each.check === 'password of the worker')?.status).toBe('not covered');
  await until(20);
  expect((await look()).find((each) => each.check === 'password of the worker')).toBeUndefined();
  await database.query(`alter role ${role} valid until 'infinity'`);
});

test("a server that writes statements into its log is told, as a place where values stay; what can't be seen is said", async () => {
  await database.query(`alter database ${database.name} set log_statement = 'mod'`);
  await database.query(`alter database ${database.name} set log_min_duration_statement = 250`);
  const found = await look();
  await database.query(`alter database ${database.name} reset all`);
  expect(found.find((each) => each.check === "statements in the server's log")).toMatchObject({
    ...{ status: 'not covered', found: 'log_statement = mod, log_min_duration_statement = 250' },
    remains: [expect.stringContaining('the log of the PostgreSQL server')],
  });
  const libraries = (findings: Finding[]) => findings.find((each) => each.check === 'libraries of the server');
  expect(libraries(found)).toMatchObject({ status: 'not covered', found: 'this role may not see them' });
  expect(libraries(await look(database.url))).toMatchObject({ status: 'passed' });
});

test('what the role or the database is set to changes none of our statements, and ends none of them', async () => {
  const settings = {
    ...{ lock_timeout: '1s', statement_timeout: '20s', idle_in_transaction_session_timeout: '20s' },
    ...{ idle_session_timeout: '20s', default_transaction_isolation: 'serializable', row_security: 'on' },
    ...{ DateStyle: 'SQL, DMY', TimeZone: 'Asia/Tokyo', bytea_output: 'escape', synchronous_commit: 'off' },
    ...{
      standard_conforming_strings: 'off',
      transform_null_equals: 'on',
      array_nulls: 'off',
      quote_all_identifiers: 'on',
    },
    ...{ default_tablespace: 'pg_global', jit: 'on' },
  };
  for (const [name, value] of Object.entries(settings))
    await database.query(`alter role ${role} set "${name}" = '${value}'`);
  const seen = await inSession<Record<string, unknown>>(async (client) => {
    const { rows } = await client.query(
      `select '26-01-02'::date::text as date, '2026-01-01 00:00+00'::timestamptz::text as at, 'a\\b' as text, '\\xff'::bytea::text as bytes,
              (null = null) is null as unknown, '{null}'::text[] as nulls, quote_ident('plain') as name,
              (select json_object_agg(s.name, s.setting) from pg_settings s where s.name = any ($1)) as settings`,
      [Object.keys(settings)],
    );
    return rows[0];
  });
  await database.query(`alter role ${role} reset all`);
  expect(seen).toEqual({
    ...{ date: '2026-01-02', at: '2026-01-01 00:00:00+00', text: 'a\\b', bytes: '\\xff', unknown: true },
    ...{ nulls: [null], name: 'plain' },
    settings: {
      ...{ lock_timeout: '0', statement_timeout: '60000', idle_in_transaction_session_timeout: '0' },
      ...{ idle_session_timeout: '0', default_transaction_isolation: 'read committed', row_security: 'off' },
      ...{ DateStyle: 'ISO, YMD', TimeZone: 'UTC', bytea_output: 'hex', synchronous_commit: 'on' },
      ...{
        standard_conforming_strings: 'on',
        transform_null_equals: 'off',
        array_nulls: 'on',
        quote_all_identifiers: 'off',
      },
      ...{ default_tablespace: '', jit: 'off' },
    },
  });
});
