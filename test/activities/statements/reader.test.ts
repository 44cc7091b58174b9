import { createCheckQueries } from '../../../activities/preflight/check-queries';
import { withDatabase } from '../../../activities/environment/database';
import { asPlan } from '../../../activities/statements/as-plan';
import { loadGrammar } from '../../../sql/statements/grammar';
import { readerOf, readerStatements } from '../../../sql/reader';
import { asKnown, knownTo } from '../../support/inputs/known-plan';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

const { plan: original } = firstPlan();
let stage: SampleEnvironment;
let plan: typeof original;
let worker: string;
beforeAll(async () => {
  await loadGrammar();
  stage = await openSampleEnvironment();
  const { database, environment } = stage;
  // Roles are the whole server's, which other tests use, too.
  plan = { ...original, name: `a-plan-of-${database.name.replaceAll('_', '-')}`.slice(0, 63) };
  worker = `worker_${database.name}`;
  await database.query(`create role ${worker} login password 'planted' in role pg_read_all_data`);
  environment.postgresUrl = Object.assign(new URL(database.url), { username: worker, password: 'planted' }).href;
});
afterAll(() => stage.close());

const install = async (): Promise<void> => {
  for (const { sql } of readerStatements(plan, worker)) await stage.database.query(sql);
};
const check = async () =>
  await createCheckQueries({ environment: stage.find })({
    target: 'agent-api',
    ...(await knownTo(stage.environment, plan)),
  });
/** Within the transaction of a statement of the plan, as nothing else ever is. */
const within = async (sql: string) => {
  const known = await asKnown(stage.environment, plan);
  return withDatabase(stage.environment, 'test', (client) =>
    asPlan(client, { plan: known, of: 'query', index: 0 }, () => client.query(sql)),
  );
};

test('without the role it is not covered, and a statement has the rights of the worker', async () => {
  expect((await check()).at(-1)).toMatchObject({ status: 'not covered', found: 'none' });
  await expect(within('select current_user::text as role')).resolves.toMatchObject({ rows: [{ role: worker }] });
});

test('with it the server itself keeps what goes from every statement', async () => {
  await install();
  await install(); // as after a new column
  await expect(within('select current_user::text as role')).resolves.toMatchObject({
    rows: [{ role: readerOf(plan.name) }],
  });
  await expect(within('select id, owner_api_key_hash from public.sessions')).resolves.toBeDefined();
  for (const sql of [
    'select owner_api_key from public.sessions',
    'select s from public.sessions s',
    'select * from public.usage_events',
  ])
    await expect(within(sql)).rejects.toMatchObject({ sqlstate: '42501' });
  const findings = await check();
  expect(findings.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed', 'passed', 'passed']);
  expect(findings.at(-1)?.found).toBe(readerOf(plan.name));
});

test('one that may read what goes is none', async () => {
  await stage.database.query(`grant select on sessions to ${readerOf(plan.name)}`);
  expect((await check()).at(-1)).toMatchObject({
    status: 'not covered',
    found: 'it may read sessions.owner_api_key',
  });
});

test('a statement of the plan only reads, and has limits', async () => {
  await expect(within('create table made (a int)')).rejects.toMatchObject({
    sqlstate: expect.stringMatching(/25006|42501/),
  });
  const settings = `select current_setting('transaction_read_only') as "readOnly", current_setting('statement_timeout') as statement,
      current_setting('lock_timeout') as lock, current_setting('search_path') as path`;
  await expect(within(settings)).resolves.toMatchObject({
    rows: [{ readOnly: 'on', statement: '10s', lock: '1s', path: 'pg_catalog, pg_temp' }],
  });
});
