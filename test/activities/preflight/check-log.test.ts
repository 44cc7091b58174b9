import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCheckLog } from '../../../activities/preflight/check-log';
import type { FindEnvironment } from '../../../activities/environment/environment';
import type { Plan } from '../../../contract/plan/plan';
import { seedSampleLog } from '../../../dev/sample-data/log-seed';
import { knownTo } from '../../support/inputs/known-plan';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';

let staged: ServedEnvironment;
beforeAll(async () => (staged = await openServedEnvironment({ release: 'phase2', logDays: 8 })));
afterAll(() => staged.close());

const names = ['log coverage', 'log: ownership failures', 'log: canary "ownership_check_failed"'];

const check = async (environment: FindEnvironment = staged.find, plan: Plan = staged.plan) =>
  createCheckLog({ environment })({ target: 'agent-api', ...(await knownTo(staged.environment, plan)) });

/** A plan whose canary can't be sent, so that nobody waits for its line. */
const silent = () => ({ ...staged.plan, probes: [] });

/** The same application, another log. */
function withLog(name: string, fill: (logFile: string) => void): FindEnvironment {
  const logFile = join(staged.folder, name);
  fill(logFile);
  return staged.findWith({}, { logFile });
}

const statuses = async (environment: FindEnvironment) => (await check(environment)).map(({ status }) => status);

const first = '00000000-0000-0000-0000-000000000001';

test('a log of seven quiet days passes, also after the refused calls of earlier checks', async () => {
  for (const _ of ['once', 'twice', 'three times']) {
    expect((await check()).map(({ check: name, status }) => [name, status])).toEqual(
      names.map((each) => [each, 'passed']),
    );
  }
});

test('refused calls of earlier checks are ours also when another row has taken the first place since', async () => {
  const { database } = staged.stage;
  await database.query(
    'insert into sessions (id, title, owner_api_key, owner_api_key_hash) select $1, title, owner_api_key, owner_api_key_hash from sessions where id = $2',
    [first, staged.stage.data.otherSessionId],
  );
  const findings = await check();
  expect(findings.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed']);
});

test('they are ours also when their row has been deleted since', async () => {
  const { database, data } = staged.stage;
  await check();
  await database.query('delete from sessions where id in ($1, $2)', [data.otherSessionId, first]);
  await expect(check()).resolves.toMatchObject(names.map(() => ({ status: 'passed' })));
});

test('and in a log that shows no id of a call: by what they asked for, which is remembered without any value', async () => {
  const { backupFolder } = staged.environment;
  expect(readFileSync(join(backupFolder, 'calls.txt'), 'utf8')).toMatch(/^(?:[0-9a-f]{64}\n)+$/);
  const like = withLog('without-ids.log', (logFile) => {
    const text = readFileSync(staged.logFile, 'utf8');
    expect(text).toContain('"correlation_id":"rubicon-');
    writeFileSync(logFile, text.replace(/"correlation_id":"[^"]*"/g, '"correlation_id":""'));
  });
  const [, clean] = await check(like, silent());
  expect(clean).toMatchObject({ status: 'passed', found: '0' });

  const elsewhere = staged.findWith(
    { backupFolder: join(staged.folder, 'lost') },
    { logFile: like('').application.logFile! },
  );
  const [, foreign] = await check(elsewhere, silent());
  expect(foreign).toMatchObject({ status: 'failed' }); // nobody knows any more: told, instead of passed over
});

test('a client who is refused at the very row of the canary is seen, where the log shows ids', async () => {
  const { data, redisUrl: _, database } = staged.stage;
  const [row] = await database.query('select id from sessions where owner_api_key_hash <> $1 order by id limit 1', [
    createHash('sha256').update(data.probeKey).digest('hex'),
  ]);
  await check();
  const before = await check();
  expect(before[1]).toMatchObject({ status: 'passed', found: '0' });
  staged.log('ownership_check_failed', {
    ...{ level: 'warning', session_id: row?.['id'], path: `/api/v1/sessions/${String(row?.['id'])}` },
    correlation_id: 'of-a-client',
  });
  const [, clean] = await check();
  expect(clean).toMatchObject({ status: 'failed', found: '1' });
  // Taken out again, for the tests that follow.
  const text = readFileSync(staged.logFile, 'utf8');
  writeFileSync(
    staged.logFile,
    text
      .split('\n')
      .filter((line) => !line.includes('of-a-client'))
      .join('\n'),
  );
});

test('a refused client is a failure that says what to do', async () => {
  staged.log('ownership_check_failed', {
    level: 'warning',
    session_id: 'of-a-client',
    path: '/api/v1/sessions/of-a-client',
  });
  const [, clean] = await check();
  expect(clean).toMatchObject({ status: 'failed', expected: 'at most 0 lines', found: '1' });
  expect(clean?.remedy).toContain('who was refused');
});

test('a log that does not reach back so far is unknown, never passed', async () => {
  const findings = await check(
    withLog('short.log', (logFile) => seedSampleLog({ logFile, days: 1 })),
    silent(),
  );
  expect(findings).toMatchObject([
    { status: 'unknown', found: expect.stringContaining('does not reach back so far') },
    { status: 'unknown', found: '0, but the log does not cover its time' },
    { status: 'unknown', found: 'no probe "somebody else\'s session is refused" that only reads' },
  ]);
});

test('failures in half a log are failures all the same', async () => {
  const half = withLog('half.log', (logFile) => {
    const line = { event: 'ownership_check_failed', level: 'warning', timestamp: new Date().toISOString() };
    appendFileSync(logFile, `${JSON.stringify(line)}\n`);
  });
  expect((await check(half, silent()))[1]).toMatchObject({
    status: 'failed',
    found: '1, but the log does not cover its time',
  });
});

test('a log of another application does not show our refused call: unknown', async () => {
  const [coverage, , canary] = await check(withLog('other.log', (logFile) => seedSampleLog({ logFile })));
  expect(coverage?.status).toBe('passed');
  expect(canary).toMatchObject({ status: 'unknown', found: 'no such line within 5 s' });
  expect(canary?.remedy).toContain('another name');
});

test.each<[string, (logFile: string) => void]>([
  ['missing', () => undefined],
  ['empty', (logFile) => writeFileSync(logFile, '')],
  ['without instants', (logFile) => writeFileSync(logFile, 'starting\nstarted\n')],
])('a log that is %s is unknown in all points', async (name, fill) => {
  expect(await statuses(withLog(`${name}.log`, fill))).toEqual(['unknown', 'unknown', 'unknown']);
});

test('an event that the application does not know is unknown, though it has no lines', async () => {
  const log = { ...staged.plan.log!, clean: [], canary: { ...staged.plan.log!.canary, event: 'ownership_denied' } };
  expect(await check(staged.find, { ...staged.plan, log })).toMatchObject([
    { status: 'passed' },
    { status: 'unknown' },
  ]);
});

test('without a section or a log it is not covered', async () => {
  const { logFile: _, ...application } = staged.environment.application;
  expect(await check(() => ({ ...staged.environment, application }))).toMatchObject([{ status: 'not covered' }]);
  const none = createCheckLog({ environment: staged.find });
  expect(await none({ target: 'agent-api', log: undefined, probes: [], planDigest: '' })).toMatchObject([
    { status: 'not covered', found: 'a plan without section "log"' },
  ]);
});
