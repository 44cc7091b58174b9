import { createCheckApplication } from '../../../activities/preflight/check-application';
import type { FindEnvironment } from '../../../activities/environment/environment';
import { knownTo } from '../../support/inputs/known-plan';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';

let staged: ServedEnvironment;
beforeAll(async () => (staged = await openServedEnvironment({ release: 'phase2' })));
afterAll(() => staged.close());

async function check(environment: FindEnvironment, serves: 'from' | 'to' = 'from') {
  const plan = await knownTo(staged.environment, staged.plan);
  return createCheckApplication({ environment })({ target: 'agent-api', ...plan, serves });
}

const withChecks = (releaseChecks: { name: string; command: string[] }[]) => staged.findWith({}, { releaseChecks });
const node = (script: string) => [process.execPath, '-e', script];

test('the expected release passes, by calls that leave no row', async () => {
  const count = 'select count(*)::int as n from sessions';
  const before = await staged.stage.database.query(count);
  const findings = await check(withChecks([{ name: 'tests', command: node('') }]));
  expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(findings.at(-1)).toMatchObject({ check: 'release check tests', found: 'exit status 0' });
  expect(findings.map(({ check: name }) => name)).not.toContain('probe create a session');
  expect(await staged.stage.database.query(count)).toEqual(before);
});

test('another release than the expected one fails', async () => {
  const [health] = await check(staged.find, 'to');
  expect(health).toMatchObject({
    status: 'failed',
    expected: 'a healthy answer that names release "phase3"',
    found: 'status 200, release "phase2"',
    remedy: 'deploy the expected release, or correct the plan',
  });
});

test('a health answer that names no release is no proof of one', async () => {
  const nameless = staged.findWith({}, { health: { path: '/health', release: 'build.version' } });
  const [health] = await check(nameless);
  expect(health).toMatchObject({ status: 'failed', found: 'status 200, no release named' });
  expect(health?.remedy).toContain('application.health.release');
});

test('an application whose Redis is down is not healthy', async () => {
  const down = staged.findWith({}, { url: 'http://127.0.0.1:1' });
  expect((await check(down))[0]).toMatchObject({
    status: 'failed',
    remedy: 'find out why the application is not healthy',
  });
});

test('release checks fail by their exit status, and tell the last lines without secrets', async () => {
  const { probeKey } = staged.stage.data;
  const findings = await check(
    withChecks([
      { name: 'linter', command: node(`console.log('found owner_api_key with ${probeKey}'); process.exit(3)`) },
      { name: 'absent', command: ['/no/such/program'] },
      { name: 'killed', command: node('process.kill(process.pid)') },
    ]),
  );
  expect(findings.slice(-3)).toMatchObject([
    { status: 'failed', found: 'expected exit status 0, found 3', evidence: ['found owner_api_key with ***'] },
    { status: 'failed', found: 'could not start "/no/such/program": ENOENT' },
    { status: 'failed', found: 'expected exit status 0, found that SIGTERM ended it' },
  ]);
  expect(JSON.stringify(findings)).not.toContain(probeKey);
});

test('without release checks that is said', async () => {
  expect((await check(staged.find)).at(-1)).toMatchObject({ check: 'release checks', status: 'not covered' });
});
