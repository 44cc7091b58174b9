import { createCheckStructure } from '../../activities/check-structure';
import { createVerifyDropped } from '../../activities/verify-dropped';
import type { Environment } from '../../activities/environment';
import { obstacles, type Finding } from '../../contract/findings';
import { readState } from '../support/database-state';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';

const { plan } = firstPlan();
const target = 'agent-api';

let stage: SampleEnvironment;
beforeEach(async () => (stage = await openSampleEnvironment()));
afterEach(() => stage.close());

const query = (sql: string) => stage.database.query(sql);
const check = ({ dropped = false, ...change }: { dropped?: boolean } & Partial<Environment> = {}) =>
  createCheckStructure({ environment: () => ({ ...stage.environment, ...change }) })({
    ...{ target, removes: plan.removes, queries: plan.queries, dropped },
  });
const verify = () =>
  createVerifyDropped({ environment: stage.find })({
    ...{ target, removes: plan.removes, queries: plan.queries },
    ...(plan.revision && { revision: plan.revision }),
  });
const lines = (findings: Finding[]) =>
  obstacles(findings).map((each) => `${each.check}: ${each.status}: ${each.found}`);

test('the sample is as the plan says, and stays as it is', async () => {
  const before = await readState(stage.database);
  const findings = await check();
  expect(lines(findings)).toEqual([]);
  expect(findings.map((each) => each.check)).toEqual([
    ...['assistants', 'sessions'].flatMap((table) => [
      ...[`column ${table}.owner_api_key`, `column ${table}.owner_api_key_hash`],
      ...[`way back of ${table}.owner_api_key`, `what leans on ${table}.owner_api_key`],
    ]),
    ...['index idx_sessions_owner_api_key_hash', 'index idx_assistants_owner_api_key_hash'],
  ]);
  await expect(readState(stage.database)).resolves.toEqual(before);
});

test('a table, a column and an index that are missing, and an invalid index, are named', async () => {
  await query('drop table sessions');
  await query('alter table assistants rename owner_api_key_hash to hash');
  expect(lines(await check())).toEqual([
    'column assistants.owner_api_key_hash: failed: not there',
    'table sessions: failed: none',
    'index idx_sessions_owner_api_key_hash: failed: not there',
  ]);
  await query(
    `update pg_index set indisvalid = false where indexrelid = 'idx_assistants_owner_api_key_hash'::regclass`,
  );
  expect(lines(await check())).toContain('index idx_assistants_owner_api_key_hash: failed: invalid');
});

/** What leans on the column, and what the drop would do to it: each must stop, with what to do. */
const leaning: [string, string, RegExp][] = [
  [
    'create view v as select owner_api_key from sessions',
    'view public.v',
    /^change or drop it in a migration of its own/,
  ],
  [
    `create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before update of owner_api_key on sessions for each row execute function f()`,
    'trigger g on public.sessions',
    /^change or drop it in a migration/,
  ],
  ['create policy p on sessions using (owner_api_key is null)', 'policy p on public.sessions', /^change or drop it/],
  [
    'alter table sessions add shouted text generated always as (upper(owner_api_key)) stored',
    'generated column for public.sessions.shouted',
    /^change or drop it/,
  ],
  ['create publication u for table sessions', 'publication u', /^change it so that it does without the column/],
  [
    `create function owners() returns bigint language sql as 'select count(owner_api_key) from public.sessions'`,
    'function public.owners()',
    /^change it so that it does without the column/,
  ],
  [
    `alter table sessions add constraint long check (length(owner_api_key) > 0)`,
    'table constraint long on public.sessions',
    /^drop it by yourself if nobody needs it/,
  ],
  [
    'create statistics s on owner_api_key, status from sessions',
    'statistics object public.s',
    /^drop it by yourself if nobody needs it/,
  ],
  [
    `delete from sessions where owner_api_key is null; alter table sessions alter owner_api_key set not null`,
    'not null owner_api_key',
    /^change it so that it does without the column/,
  ],
];

test.each(leaning)('%s: stops', async (sql, name, remedy) => {
  for (const statement of sql.split(/;\s+(?=create|alter)/)) await query(statement);
  const found = obstacles(await check()).filter((each) => each.check === name);
  expect(found).toEqual([
    expect.objectContaining({
      status: 'failed',
      expected: expect.stringMatching(/^nothing that leans on (sessions|assistants)\.owner_api_key$/),
      remedy: expect.stringMatching(remedy),
    }),
    ...(name.startsWith('function') ? [expect.anything()] : []), // its source names the column of both tables
  ]);
});

test.each([
  ['a column too short for a sentinel', 'alter table sessions alter owner_api_key type varchar(40)', /varying\(40\)/],
  [
    'a generated column',
    `alter table sessions drop owner_api_key; alter table sessions add owner_api_key text generated always as (title) stored`,
    /a generated or identity column/,
  ],
])('%s has no way back', async (_, sql, found) => {
  await query(`update sessions set owner_api_key = left(owner_api_key, 40)`);
  for (const statement of sql.split('; ')) await query(statement);
  expect(obstacles(await check())[0]).toMatchObject({
    ...{ check: 'way back of sessions.owner_api_key', status: 'failed', found: expect.stringMatching(found) },
  });
});

test('a backup whose scope leaves a table of the plan out is no way back', async () => {
  expect(lines(await check({ backupTables: ['public.sessions', 'usage_events'] }))).toEqual([
    'scope of the backup: failed: without public.assistants',
  ]);
  expect(lines(await check({ backupTables: ['public.sessions', 'assistants'] }))).toEqual([]);
});

test('after the drop: columns gone, their replacements, indexes and revision as planned', async () => {
  expect(lines(await verify())).toEqual([
    'column assistants.owner_api_key: failed: there',
    'column sessions.owner_api_key: failed: there',
    'revision: failed: 20260201_000006',
  ]);
  await query('alter table sessions drop owner_api_key');
  await query('alter table assistants drop owner_api_key');
  await query(`update alembic_version set version_num = '20260208_000007'`);
  expect(lines(await verify())).toEqual([]);
  expect(lines(await check({ dropped: true }))).toEqual([]);
  expect(lines(await check({ dropped: false }))).toEqual([
    'column assistants.owner_api_key: failed: not there',
    'column sessions.owner_api_key: failed: not there',
  ]);
  await query('drop index idx_sessions_owner_api_key_hash');
  await query(`insert into alembic_version values ('another')`);
  expect(lines(await verify())).toEqual([
    'index idx_sessions_owner_api_key_hash: failed: not there',
    'revision: failed: not one row',
  ]);
});
