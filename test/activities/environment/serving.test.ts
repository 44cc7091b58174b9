import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCheckApplication } from '../../../activities/preflight/check-application';
import { createDeploy } from '../../../activities/release/deploy';
import type { Environment, FindEnvironment } from '../../../activities/environment/environment';
import { servingRelease } from '../../../activities/actions/serving';
import { createObserveState } from '../../../activities/state/observe-state';
import { createProbe } from '../../../activities/evidence/probe';
import type { Check } from '../../../adapters/application/action';
import { knownTo } from '../../support/inputs/known-plan';
import { openPlatformEnvironment, type PlatformEnvironment } from '../../support/stages/staged-environment';
import { newRun, orderOf } from '../../support/stages/sample-environment';

// An application without a health answer: the check of the deploy action tells which release serves.

let staged: PlatformEnvironment;
beforeAll(async () => (staged = await openPlatformEnvironment({ release: 'phase2' })));
afterAll(() => staged.close());

/** The same application, of which only this check says something. */
function without(check: Check | undefined): () => Environment {
  const { environment } = staged;
  const { health: _, actions, ...application } = environment.application;
  const deploy = { ...actions.deploy!, ...(check && { check }) };
  return () => ({ ...environment, application: { ...application, actions: { ...actions, deploy } } });
}

const byAnswer = (): Check => ({
  get: `${staged.environment.application.url}/health`,
  expect: { release: '$release' },
});
/** As a script of a platform would look. */
const byCommand = (): Check => ({
  command: [
    process.execPath,
    '-e',
    `fetch(process.argv[1]).then((answer) => answer.json()).then(({ release }) => process.exit(release === process.env.RUBICON_RELEASE ? 0 : 1))`,
    `${staged.environment.application.url}/health`,
  ],
});
async function checkFrom(environment: FindEnvironment) {
  const plan = await knownTo(staged.environment, { ...staged.plan, probes: [] });
  return createCheckApplication({ environment })({ target: 'agent-api', ...plan, serves: 'from' });
}
const releases = { from: 'phase2', to: 'phase3' };

test.each([
  ['an answer', byAnswer],
  ['a command', byCommand],
])('by %s: the release that serves is found, before a deployment and after it', async (_, check) => {
  const find = without(check());
  const deploy = createDeploy({ environment: find });
  const run = newRun();
  expect(await servingRelease(find(), releases)).toBe('phase2');
  expect(await deploy({ ...orderOf(staged.plan, run), serves: 'to' })).toMatchObject({ changed: true });
  expect(await servingRelease(find(), releases)).toBe('phase3');
  expect(await deploy({ ...orderOf(staged.plan, run), serves: 'to' })).toMatchObject({ changed: false });
  const { plan } = staged;
  const look = { target: 'agent-api', run, removes: plan.removes, release: plan.release };
  expect(await createObserveState({ environment: find })(look)).toMatchObject({ release: 'phase3' });
  await deploy({ ...orderOf(staged.plan, run), serves: 'from' });
});

test('preflight says which release serves, and how that is known', async () => {
  const plan = await knownTo(staged.environment, staged.plan);
  const look = { target: 'agent-api', ...plan };
  const check = createCheckApplication({ environment: without(byAnswer()) });
  expect((await check({ ...look, serves: 'from' }))[0]).toMatchObject({
    ...{ check: 'health', status: 'passed', found: 'release "phase2", by the check of the deploy action' },
  });
  expect((await check({ ...look, serves: 'to' }))[0]).toMatchObject({ status: 'failed' });
  const probe = createProbe({ environment: without(byAnswer()) });
  expect((await probe({ ...look, serves: 'from' }))[0]).toMatchObject({ status: 'passed' });
});

test('a check that holds whatever serves tells nothing: nothing passes, and a deployment is not taken for done', async () => {
  const always = without({ command: [process.execPath, '-e', ''] });
  expect(await servingRelease(always(), releases)).toBeUndefined();
  const [health] = await checkFrom(always);
  expect(health).toMatchObject({
    status: 'failed',
    found: 'a check of the deploy action that holds for any release',
    remedy: expect.stringContaining('look at "$release"'),
  });
  const quick = (): Environment => {
    const environment = always();
    const deploy = { ...environment.application.actions.deploy!, limitMs: 1_000 };
    return { ...environment, application: { ...environment.application, actions: { deploy } } };
  };
  await expect(createDeploy({ environment: quick })({ ...orderOf(staged.plan), serves: 'from' })).rejects.toMatchObject(
    {
      type: 'ActionFailed',
    },
  );
});

test('an application that is down serves nothing, and whoever is asked says so', async () => {
  const down = without({ get: 'http://127.0.0.1:1/health', expect: { release: '$release' } });
  expect(await servingRelease(down(), releases)).toBeUndefined();
  const [health] = await checkFrom(down);
  expect(health).toMatchObject({ status: 'failed', remedy: 'find out why the application is not healthy' });
  expect(health?.found).toContain('not "phase2" (expected an answer, found');
});

describe('the probe key', () => {
  let server: Server;
  let seen: IncomingMessage['headers'];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen = request.headers;
      response.end('{"release":"phase2"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  const probe = async (probeKeyHeader?: { name: string; scheme?: string }) => {
    const { port } = server.address() as AddressInfo;
    const environment = staged.findWith(
      {},
      { url: `http://127.0.0.1:${port}`, ...(probeKeyHeader && { probeKeyHeader }) },
    );
    const probes = [{ name: 'a', method: 'GET' as const, path: '/', key: 'right' as const, expect: { status: 200 } }];
    const plan = await knownTo(staged.environment, { ...staged.plan, probes });
    return createProbe({ environment })({ target: 'agent-api', ...plan, serves: 'from' });
  };

  test('goes in X-API-Key unless the settings name another header', async () => {
    await probe();
    expect(seen['x-api-key']).toBe(staged.stage.data.probeKey);
    await probe({ name: 'X-Token' });
    expect(seen).toMatchObject({ 'x-token': staged.stage.data.probeKey });
    expect(seen).not.toHaveProperty('x-api-key');
  });

  test('goes behind a word where the application wants one', async () => {
    await probe({ name: 'Authorization', scheme: 'Bearer' });
    expect(seen.authorization).toBe(`Bearer ${staged.stage.data.probeKey}`);
  });
});
