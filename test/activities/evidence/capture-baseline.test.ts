import { createCaptureBaseline } from '../../../activities/evidence/capture-baseline';
import type { FindEnvironment } from '../../../activities/environment/environment';
import type { Plan } from '../../../contract/plan/plan';
import { knownTo } from '../../support/inputs/known-plan';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';

let staged: ServedEnvironment;
beforeAll(async () => (staged = await openServedEnvironment({ release: 'phase2', logDays: 2 })));
afterAll(() => staged.close());

async function capture(environment: FindEnvironment, change: Partial<Plan> = {}) {
  const plan = await knownTo(staged.environment, { ...staged.plan, ...change });
  return createCaptureBaseline({ environment })({ target: 'agent-api', ...plan });
}

test('queries are timed on real values, requests over the last day', async () => {
  staged.log('request_completed', { status_code: 500, duration_ms: 900 });
  staged.log('request_completed', { status_code: 401, duration_ms: 1 });
  const baseline = await capture(staged.find);
  expect(baseline.queries.map(({ name }) => name)).toEqual(staged.plan.queries.map(({ name }) => name));
  for (const { p50Ms, p95Ms, samples } of baseline.queries) {
    expect(samples).toBeGreaterThan(30);
    expect(p50Ms).toBeGreaterThan(0);
    expect(p95Ms).toBeGreaterThanOrEqual(p50Ms);
  }
  const { requests } = baseline;
  expect(requests?.count).toBeGreaterThan(1_400);
  expect(requests?.count).toBeLessThan(1_500);
  expect(requests?.p50Ms).toBeCloseTo(4, 0);
  expect(requests?.p99Ms).toBeLessThan(10);
  expect(requests?.serverErrorShare).toBeCloseTo(1 / requests!.count, 6);
  expect(Date.parse(requests!.to) - Date.parse(requests!.from)).toBeGreaterThan(23 * 3_600_000);
  expect(baseline.refusedPerHour).toBeCloseTo(1 / 24, 2);
  expect(baseline.cacheHitShare === undefined || baseline.cacheHitShare <= 1).toBe(true);
});

test('what can not be measured is left out: no Redis, no log, no section', async () => {
  const { redisUrl: _, ...environment } = staged.environment;
  const { logFile: __, ...application } = environment.application;
  const bare = await capture(() => ({ ...environment, application }), { ...staged.plan, queries: [] });
  expect(bare).toEqual({ at: expect.any(String) as string, queries: [] });
  const down = staged.findWith({ redisUrl: 'redis://127.0.0.1:1/0' });
  expect(await capture(down, { ...staged.plan, queries: [], log: undefined })).not.toHaveProperty('cacheHitShare');
});

test('a column without values gives no timing, rather than one of nothing', async () => {
  const [query] = staged.plan.queries;
  await staged.stage.database.query('create table bare (owner_api_key_hash text)');
  const queries = [
    { ...query!, sql: 'select 1 from bare where owner_api_key_hash = $1', sample: 'bare.owner_api_key_hash' },
  ];
  expect((await capture(staged.find, { ...staged.plan, queries })).queries).toEqual([]);
});

test('a database that is down is thrown as it is, so that Temporal tries again', async () => {
  const postgresUrl = 'postgres://agent:planted-password@127.0.0.1:1/agent';
  await expect(capture(staged.findWith({ postgresUrl }))).rejects.toMatchObject({
    name: 'PostgresError',
    message: expect.not.stringContaining('planted-password'),
  });
});
