import { createCheckQueries } from '../../activities/check-queries';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';

const { plan } = firstPlan();
let stage: SampleEnvironment;
beforeEach(async () => (stage = await openSampleEnvironment()));
afterEach(() => stage.close());

const query = (sql: string) => stage.database.query(sql);
const check = (queries = plan.queries) =>
  createCheckQueries({ environment: stage.find })({ target: 'agent-api', queries });

test('both queries can use their index, for real values, with plans and timings as evidence', async () => {
  const findings = await check();
  expect(findings.map(({ check: what, status, found }) => `${what}: ${status}: ${found}`)).toEqual([
    expect.stringMatching(
      /^query "sessions of an owner": passed: (used|usable, but not used); about 414 rows; \d\d values, p95 [\d.]+ ms$/,
    ),
    expect.stringMatching(
      /^query "assistants of an owner": passed: (used|usable, but not used); about 315 rows; \d\d values, p95 [\d.]+ ms$/,
    ),
  ]);
  // In tables so small it is the planner's mood whether it uses the index; that it could is certain.
  expect(findings[0]?.evidence).toMatchObject({ usable: true, generic: { node: 'Limit' } });
  expect(JSON.stringify(findings)).not.toMatch(/[0-9a-f]{64}/);
});

test('in a small table an index that would be used in a larger one is enough', async () => {
  await query('delete from sessions where id not in (select id from sessions order by id limit 5)');
  await query('vacuum full analyze sessions');
  const [sessions] = await check();
  expect(sessions).toMatchObject({
    status: 'passed',
    found: expect.stringMatching(/^usable, but not used; about 5 rows/),
  });
});

test('without the index, and in a large table whose index is not used, it fails', async () => {
  await query(`update pg_class set reltuples = 20000, relpages = 1 where relname = 'sessions'`);
  await query('drop index idx_sessions_owner_api_key_hash');
  const [missing, assistants] = await check();
  expect(missing).toMatchObject({ status: 'failed', found: expect.stringMatching(/^not usable/) });
  expect(assistants?.status).toBe('passed');
});

test('a column without a single value leaves it unknown', async () => {
  await query('update sessions set owner_api_key_hash = null');
  const [sessions] = await check();
  expect(sessions).toMatchObject({
    status: 'unknown',
    found: expect.stringMatching(/ 0 values, p95 \? ms$/),
    remedy: 'sessions.owner_api_key_hash holds no value to ask for: deploy the release that writes it',
  });
});
