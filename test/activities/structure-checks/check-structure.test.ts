import { createCheckStructure } from '../../../activities/structure-checks/check-structure';
import { createVerifyDropped } from '../../../activities/removal/verify-dropped';
import type { Environment } from '../../../activities/environment/environment';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { freezeStatements, frozenState } from '../../../sql/freeze';
import { readState } from '../../support/looks/database-state';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

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
      `what depends on ${table}.owner_api_key`,
      ...(table === 'sessions' ? ['rights on sessions.owner_api_key'] : []), // reports may update it
      `rollback of ${table}.owner_api_key`,
    ]),
    'functions in a restoration',
    ...['column numbers of public.assistants', '"select *" from assistants'],
    ...['column numbers of public.sessions', '"select *" from sessions', 'encoding of the database'],
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

test('an index that serves other columns is told; a constraint that could not come back in peace stops', async () => {
  await query('create index by_owner_and_date on sessions (owner_api_key, created_at)');
  const told = (await check()).find((each) => each.check === 'index by_owner_and_date');
  expect(told).toMatchObject({
    status: 'not covered',
    found: 'it serves created_at, too, and is dropped with the column',
    remedy: expect.stringContaining('have another one made'),
  });
  await query('alter table assistants add constraint apart exclude using btree (owner_api_key with =, id with =)');
  expect(lines(await check())).toEqual([
    'constraint apart: failed: EXCLUDE USING btree (owner_api_key WITH =, id WITH =), which locks the table for as long as it is built',
  ]);
});

/** What leans on the column, and what hiding or dropping it would do to it: each must stop, with what to do. */
const leaning: [string, string, RegExp, RegExp][] = [
  [
    'create view v as select owner_api_key from sessions',
    'view public.v',
    /^DROP COLUMN fails while it exists; it stays on the hidden column, so a trial would not tell/,
    /^"drop view public\.v" \(create it again without what is removed/,
  ],
  [
    `create function f() returns trigger language plpgsql as 'begin return new; end';
     create trigger g before update of owner_api_key on sessions for each row execute function f()`,
    'trigger g on public.sessions',
    /^DROP COLUMN fails while it exists; it stays on the hidden column/,
    /^"drop trigger g on public\.sessions" \(create it again so that/,
  ],
  [
    `create function f() returns trigger language plpgsql as 'begin new.owner_api_key := null; return new; end';
     create trigger g before update on sessions for each row execute function f()`,
    'function public.f()',
    /^a statement in its source names the column: it fails when it runs$/,
    /^"drop trigger g on public\.sessions; drop function public\.f\(\)" \(trigger g on public\.sessions uses it, .*; or replace it/,
  ],
  [
    'create policy p on sessions using (owner_api_key is null)',
    'policy p on public.sessions',
    /^DROP COLUMN fails while it exists; it stays on the hidden column/,
    /^"drop policy p on public\.sessions" \(whom it lets through/,
  ],
  [
    'alter table sessions add shouted text generated always as (upper(owner_api_key)) stored',
    'generated column for public.sessions.shouted',
    /^DROP COLUMN fails while it exists; it stays on the hidden column/,
    /^"alter table public\.sessions alter column shouted drop expression"/,
  ],
  [
    `alter table sessions alter owner_api_key set default 'none'`,
    'default value for public.sessions.owner_api_key',
    /^it fills the column for whoever does not name it, which the freeze refuses: no new row could be written$/,
    /^"alter table public\.sessions alter column owner_api_key drop default"/,
  ],
  [
    `create function owners() returns bigint language sql as 'select count(owner_api_key) from public.sessions'`,
    'function public.owners()',
    /^a statement in its source names the column/,
    /^"drop function public\.owners\(\)" \(or replace it/,
  ],
  [
    `create function owners() returns bigint language sql begin atomic select count(owner_api_key) from sessions; end`,
    'function public.owners()',
    /^DROP COLUMN fails while it exists; it stays on the hidden column/,
    /^"drop function public\.owners\(\)" \(or replace it/,
  ],
  [
    `delete from sessions where owner_api_key is null; alter table sessions alter owner_api_key set not null`,
    'not null public.sessions.owner_api_key',
    /^a release that does not name the column cannot insert rows while it is NOT NULL$/,
    /^"alter table public\.sessions alter column owner_api_key drop not null"/,
  ],
];

test.each(leaning)('%s: stops', async (sql, name, found, remedy) => {
  for (const statement of sql.split(/;\s+(?=create|alter)/)) await query(statement);
  const stops = obstacles(await check()).filter((each) => each.check === name);
  // A function's source names the column of both tables; what the server has parsed names just one.
  expect(new Set(stops.map(({ found: is }) => is)).size).toBe(1);
  expect(stops[0]).toMatchObject({
    ...{ check: name, status: 'failed' },
    expected: expect.stringMatching(/^nothing that depends on (sessions|assistants)\.owner_api_key$/),
    found: expect.stringMatching(found),
    remedy: expect.stringMatching(remedy),
  });
  expect(stops.every(({ remedy: is }) => is?.endsWith(', then start the rollout again'))).toBe(true);
});

test('constraints and statistics that a rollback makes again are told and stop nothing', async () => {
  await query('alter table sessions add constraint long check (length(owner_api_key) > 0)');
  await query('create statistics s on owner_api_key, status from sessions');
  const findings = await check();
  expect(lines(findings)).toEqual([]);
  expect(
    findings.filter(({ found }) => found === 'is dropped with the column; a rollback makes it again'),
  ).toMatchObject([
    { check: 'table constraint long on public.sessions, with sessions.owner_api_key', status: 'not covered' },
    { check: 'statistics object public.s, with sessions.owner_api_key', status: 'not covered' },
  ]);
});

test('rights on the column alone are told and stop nothing', async () => {
  await query('grant select (owner_api_key) on sessions to public');
  const findings = await check();
  expect(lines(findings)).toEqual([]);
  expect(findings.find((each) => each.check === 'rights on sessions.owner_api_key')).toEqual({
    ...{ check: 'rights on sessions.owner_api_key', status: 'not covered' },
    ...{ expected: 'none on the column alone', found: 'update for agent_api_reports, select for public' },
    remedy: expect.stringMatching(/^ask whether they still use the column; .* a rollback gives them back/),
  });
});

test('a default fills new rows that do not name the column, and the freeze refuses them: it is found before', async () => {
  await query(`alter table sessions alter owner_api_key set default 'none'`);
  for (const { sql } of freezeStatements(plan, 'test', [])) await query(sql);
  await expect(query(`insert into sessions (title) values ('by the new release')`)).rejects.toMatchObject({
    code: frozenState,
  });
});

test.each([
  [
    'a column too short for a placeholder',
    'alter table sessions alter owner_api_key type varchar(40)',
    /varying\(40\)/,
    /type text$/,
  ],
  [
    'a generated column',
    `alter table sessions drop owner_api_key; alter table sessions add owner_api_key text generated always as (title) stored`,
    /a generated or identity column/,
    /drop expression$/,
  ],
])('%s has no way back before it is an ordinary one', async (_, sql, found, remedy) => {
  await query(`update sessions set owner_api_key = left(owner_api_key, 40)`);
  for (const statement of sql.split('; ')) await query(statement);
  expect(obstacles(await check())[0]).toMatchObject({
    ...{ check: 'rollback of sessions.owner_api_key', status: 'failed', found: expect.stringMatching(found) },
    remedySql: [expect.stringMatching(remedy)],
  });
});

test('a backup whose scope leaves a table of the plan out is no way back', async () => {
  expect(lines(await check({ backupScope: ['public.sessions', 'usage_events'] }))).toEqual([
    'scope of the backup: failed: without public.assistants',
  ]);
  expect(lines(await check({ backupScope: ['public.sessions', 'assistants'] }))).toEqual([]);
  expect(lines(await check({ backupScope: 'tables' }))).toEqual([]);
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
