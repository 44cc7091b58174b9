import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLoadTest } from '../../../activities/evidence/load-test';
import type { FindEnvironment } from '../../../activities/environment/environment';
import type { Finding } from '../../../contract/run/findings';
import type { Plan } from '../../../contract/plan/plan';
import { knownTo } from '../../support/inputs/known-plan';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';

let staged: ServedEnvironment;
beforeAll(async () => (staged = await openServedEnvironment({ release: 'phase3' })));
afterAll(() => staged.close());

const small = (): NonNullable<Plan['loadTest']> => ({
  ...staged.plan.loadTest!,
  requests: 60,
  connections: 10,
  p95Ms: 5_000,
});

async function test60(environment: FindEnvironment = staged.find, change: Partial<Plan> = {}) {
  const plan = await knownTo(staged.environment, { ...staged.plan, loadTest: small(), ...change });
  return createLoadTest({ environment })({ target: 'agent-api', ...plan });
}

test('the calls of the plan succeed, fast enough, without an error in the log', async () => {
  const findings = await test60();
  expect(findings).toMatchObject([
    {
      check: 'load test: success',
      status: 'passed',
      found: '60 of 60',
      evidence: { statusCounts: { 200: 30, 201: 30 } },
    },
    { check: 'load test: p95', status: 'passed' },
    { check: 'load test: ownership failures', status: 'passed', found: "0 lines of the load test's calls" },
    { check: 'load test: errors in the log', status: 'passed', found: "0 lines of the load test's calls" },
  ]);
  expect(JSON.stringify(findings)).not.toContain(staged.stage.data.probeKey);
});

test('it is refused in production, for good, before any call', async () => {
  const before = await staged.stage.database.query('select count(*) from sessions');
  await expect(test60(staged.findWith({ name: 'production' }))).rejects.toMatchObject({
    type: 'WrongState',
    nonRetryable: true,
    message: 'expected staging, found production; a load test never runs there',
  });
  expect(await staged.stage.database.query('select count(*) from sessions')).toEqual(before);
});

test('a limit that is not held fails', async () => {
  const [success, p95] = await test60(staged.find, { loadTest: { ...small(), p95Ms: 0.01 } });
  expect(success?.status).toBe('passed');
  expect(p95).toMatchObject({ status: 'failed', expected: 'at most 0.01 ms' });
});

test('the old release without its columns fails under load, and its log says so without a key', async () => {
  await staged.serve('phase2');
  await staged.stage.database.query('alter table sessions rename column owner_api_key to gone');
  const findings = await test60();
  await staged.stage.database.query('alter table sessions rename column gone to owner_api_key');
  await staged.serve('phase3');
  expect(findings).toMatchObject([
    { status: 'failed', found: '0 of 60', evidence: { statusCounts: { 500: 60 } } },
    { status: 'passed' },
    { check: 'load test: ownership failures', status: 'passed' },
    { check: 'load test: errors in the log', status: 'failed', found: "60 lines of the load test's calls" },
  ]);
  expect(JSON.stringify(findings)).not.toContain(staged.stage.data.probeKey);
});

test('an application that is down has no success, and its p95 is unknown', async () => {
  const findings = await test60(staged.findWith({}, { url: 'http://127.0.0.1:1' }));
  expect(findings).toMatchObject([
    { status: 'failed', found: '0 of 60' },
    { status: 'unknown', found: 'no answer' },
    { check: 'load test: ownership failures' },
    { check: 'load test: errors in the log' },
  ]);
});

/** Goes on beside the load test. */
async function whileLogging(write: () => void, work: () => Promise<Finding[]>): Promise<Finding[]> {
  const beingRemoved = setInterval(write, 5);
  write();
  return work().finally(() => clearInterval(beingRemoved));
}

test('errors that others cause meanwhile are told, and are not ours', async () => {
  const others = (): void => {
    staged.log('unhandled_exception', { level: 'error', correlation_id: 'of-a-client', path: '/api/v1/sessions' });
    staged.log('nightly_job_failed', { level: 'error' });
  };
  const findings = await whileLogging(others, () => test60());
  expect(findings[3]).toMatchObject({
    status: 'passed',
    found: expect.stringMatching(/^0 lines of the load test's calls; \d+ of others, which do not count$/),
  });
});

test('what a rule of the plan excepts is no error here either', async () => {
  const errors = staged.plan.watch.find(({ name }) => name === 'errors in the log');
  if (errors?.measure !== 'events') throw new Error('expected a rule of lines');
  await staged.serve('phase2');
  await staged.stage.database.query('alter table sessions rename column owner_api_key to gone');
  const except = [{ event: 'unhandled_exception' }];
  const watch = [{ ...errors, match: { ...errors.match, except } }];
  const [strict, lenient] = [await test60(), await test60(staged.find, { watch })];
  await staged.stage.database.query('alter table sessions rename column gone to owner_api_key');
  await staged.serve('phase3');
  expect(strict[3]).toMatchObject({ check: 'load test: errors in the log', status: 'failed' });
  expect(lenient[2]).toMatchObject({ check: 'load test: errors in the log', status: 'passed' });
});

test('where the log does not say whose lines are, all of them count, and it says so', async () => {
  const logFile = join(staged.folder, 'without-ids.log');
  const copy = (): void => {
    const lines = readFileSync(staged.logFile, 'utf8').replace(/"correlation_id":"[^"]*"/g, '"correlation_id":""');
    writeFileSync(logFile, `${lines}${JSON.stringify({ event: 'x', level: 'error', timestamp: new Date() })}\n`);
  };
  writeFileSync(logFile, readFileSync(staged.logFile, 'utf8').slice(0, 0));
  const findings = await whileLogging(copy, () => test60(staged.findWith({}, { logFile })));
  expect(findings[3]).toMatchObject({
    status: 'failed',
    found: expect.stringMatching(/^\d+ lines?, and the log does not say of which calls/),
    remedy: expect.stringContaining('have the application log the id of each call'),
  });
});

test('a log that does not show the requests is unknown', async () => {
  const findings = await test60(staged.findWith({}, { logFile: '/no/such/file.log' }));
  expect(findings[2]).toMatchObject({ status: 'unknown', found: expect.stringContaining('could not be read before') });
});

test('a call without its sample, a plan without a load test, settings without a log', async () => {
  const calls = ['read an own session'];
  const probes = staged.plan.probes.map((probe) => ({ ...probe, sample: probe.sample && 'select 1 where false' }));
  expect(await test60(staged.find, { loadTest: { ...small(), calls }, probes })).toMatchObject([{ status: 'unknown' }]);

  const { probes: all, log } = staged.plan;
  const none = createLoadTest({ environment: staged.find })({
    target: 'agent-api',
    loadTest: undefined,
    planDigest: '',
    probes: all,
    log,
    watch: staged.plan.watch,
  });
  expect(await none).toMatchObject([{ status: 'not covered' }]);

  const { logFile: _, ...application } = staged.environment.application;
  const findings = await test60(() => ({ ...staged.environment, application }));
  expect(findings[2]).toMatchObject({ status: 'not covered' });
});
