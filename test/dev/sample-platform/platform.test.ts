import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSampleApplication, startSamplePlatform, type SamplePlatform } from '../../../dev/sample-platform/process';
import { startTraffic } from '../../../dev/sample-platform/traffic';
import { ask, openSampleStage, type SampleStage } from '../../support/stages/sample-stage';
import { until } from '../../support/looks/until';
import { pidsOf } from '../../support/looks/platform-pids';
import { isAlive } from '../../support/servers/processes';

const bypassToken = 'let the probe through';
let stage: SampleStage;
let platform: SamplePlatform;
let folder: string;
let logFile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sample-platform-'));
  logFile = join(folder, 'application.log');
  stage = await openSampleStage();
  platform = await startSamplePlatform({ ...settings(), release: 'phase2', bypassToken, healthLimitMs: 4_000 });
});

afterAll(async () => {
  await platform?.stop(); // once more: the last test has
  await stage.close();
  rmSync(folder, { recursive: true });
});

const settings = () => ({ databaseUrl: stage.database.url, redisUrl: stage.redisUrl, logFile });
const order = (path: string, body: object = {}) =>
  ask(`${platform.controlUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
const state = async () => (await ask(`${platform.controlUrl}/state`, {})).body;
const own = () => `${platform.frontUrl}/api/v1/sessions/${stage.data.ownSessionId}`;
const probe = (headers: Record<string, string> = {}) =>
  ask(own(), { headers: { 'X-API-Key': stage.data.probeKey, ...headers } });

test('runs the release that it was started with, behind a front', async () => {
  expect(await state()).toMatchObject({ release: 'phase2', maintenance: false, maintenanceSince: null });
  expect((await ask(`${platform.frontUrl}/health`, {})).body).toMatchObject({ status: 'ok', release: 'phase2' });
  expect((await probe()).status).toBe(200);
});

/** Requests of the traffic that was served. */
let served = 0;

test('exchanges and restarts releases under traffic without one failed request', async () => {
  const traffic = startTraffic({ frontUrl: platform.frontUrl, keys: stage.data.keys.slice(2), ratePerSecond: 100 });
  const before = await state();
  const exchanged = await order('/deploy', { release: 'phase3' });
  expect(exchanged).toMatchObject({ status: 200, body: { changed: true, release: 'phase3' } });
  expect((await ask(`${platform.frontUrl}/health`, {})).body).toMatchObject({
    release: 'phase3',
    commit: exchanged.body.commit,
  });
  expect(exchanged.body.commit).not.toBe(before.commit);

  const restarted = await order('/restart');
  expect(restarted).toMatchObject({ status: 200, body: { changed: true, release: 'phase3' } });
  expect(String(restarted.body.since) > String(exchanged.body.since)).toBe(true);

  expect(await order('/deploy?release=phase2')).toMatchObject({ status: 200, body: { release: 'phase2' } });
  const result = await traffic.stop();
  expect(result).toMatchObject({ failed: 0, failedDuringMaintenance: 0, firstFailures: [] });
  served = result.requests;
  expect(served).toBeGreaterThan(30); // a slow machine makes few of 100 a second
});

test('does nothing for a release that already runs', async () => {
  const before = await state();
  const answer = await order('/deploy', { release: before.release });
  expect(answer).toMatchObject({ status: 200, body: { ...before, changed: false } });
});

test.each([
  ['another release', '/deploy', { release: 'phase4' }, 400],
  ['no release', '/deploy', {}, 400],
  ['maintenance that is neither on nor off', '/maintenance', { on: 'perhaps' }, 400],
  ['an order that it does not know', '/destroy', {}, 404],
])('refuses %s', async (_sentence, path, body, status) => {
  const before = await state();
  const answer = await order(path, body);
  expect(answer.status).toBe(status);
  expect(answer.body.error).toMatch(/^expected /);
  expect(await state()).toEqual(before);
});

describe('maintenance', () => {
  afterEach(() => order('/maintenance', { on: false }));

  test('answers 503 to all but health and whoever brings the token', async () => {
    expect(await order('/maintenance', { on: true })).toMatchObject({ status: 200, body: { changed: true } });
    const refused = await probe();
    expect(refused).toMatchObject({ status: 503, body: { detail: 'Maintenance' } });
    expect(refused.headers.get('X-Maintenance')).toBe('on');
    expect((await probe({ 'X-Maintenance-Bypass': 'guessed' })).status).toBe(503);

    expect((await probe({ 'X-Maintenance-Bypass': bypassToken })).status).toBe(200);
    for (const path of ['/health', '/api/v1/health']) {
      expect((await ask(platform.frontUrl + path, {})).status).toBe(200);
    }
  });

  test('can be ordered twice, stays over an exchange of releases, and is lifted', async () => {
    await order('/maintenance?on=true');
    const { maintenanceSince } = await state();
    expect(await order('/maintenance', { on: true })).toMatchObject({ body: { changed: false, maintenanceSince } });
    await order('/restart');
    expect((await probe()).status).toBe(503);
    expect(await order('/maintenance', { on: false })).toMatchObject({ body: { changed: true, maintenance: false } });
    expect((await probe()).status).toBe(200);
  });
});

test('appends the log of all releases to one file', () => {
  const events = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  const started = events
    .filter((line) => line.includes('"application_started"'))
    .map((line) => JSON.parse(line).release);
  expect(started.slice(0, 4)).toEqual(['phase2', 'phase3', 'phase3', 'phase2']);
  expect(events.filter((line) => line.includes('"request_completed"')).length).toBeGreaterThanOrEqual(served);
});

test('goes on with the old release when the new one does not get healthy', async () => {
  await stage.redis.config('SET', 'requirepass', 'changed');
  const broken = await order('/deploy', { release: 'phase3' });
  await stage.redis.config('SET', 'requirepass', new URL(stage.redisUrl).password);
  expect(broken).toMatchObject({ status: 500, body: { state: { release: 'phase2' } } });
  expect(broken.body.error).toBe('expected "phase3" to be healthy within 4000 ms; its log says why');
  expect((await probe()).status).toBe(200);
});

test('an application that ended answers 502, until it is started again', async () => {
  process.kill(Number((await state()).pid), 'SIGKILL');
  await until(async () => (await probe()).status === 502);
  await order('/restart');
  expect((await probe()).status).toBe(200);
});

describe('its end', () => {
  test('an application that cannot start says why', async () => {
    await expect(startSampleApplication({ ...settings(), release: 'phase1' })).rejects.toThrow(
      `but it says: expected the release "phase2" or "phase3", found "phase1"; see ${logFile}`,
    );
  });

  test('stops with its application, at once', async () => {
    const pids = await pidsOf(platform);
    expect(pids.filter(isAlive)).toEqual(pids);
    const startedAtMs = Date.now();
    await platform.stop();
    await platform.stop();
    expect(Date.now() - startedAtMs).toBeLessThan(5_000);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
