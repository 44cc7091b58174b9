import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { Redis } from 'ioredis';
import type { Facts } from '../../contract/run/facts';
import { rolloutSteps } from '../../contract/run/rollout-steps';
import { stepLabel } from '../../contract/run/step-names';
import type { Loaded } from '../../contract/activities/loaded';
import { environments, type EnvironmentName } from '../../contract/run/names';
import { hashOfKey, headerOfKey } from '../../dev/sample-application/sample-key';
import { command } from '../support/looks/command-line';
import { captureColumns } from '../support/looks/database-state';
import { keepHistory, recordHistories, replay } from '../support/workflows/histories';
import { callsHoldingPlan, callsOf, historySizes } from '../support/workflows/history-sizes';
import { keepReading, readingOf } from '../support/workflows/readings';
import { secretsFound } from '../support/looks/no-secrets';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/stages/rollout-stage';

jest.setTimeout(240_000); // a whole rollout, beside other tests on two cores

const workflowId = 'agent-api/drop-plaintext-api-keys/there-and-back';
const newcomer = 'sk-staging-of-a-new-client';

let stage: RolloutStage;
let rollout: WorkflowHandle;
let columnsBefore: unknown[];
let cacheBefore: Record<EnvironmentName, Map<string, string>>;
let untouchedBefore: object;
const sentCodes = new Set<string>();

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  columnsBefore = await captureColumns(stage.databases.production);
  cacheBefore = { staging: await primaryData('staging'), production: await primaryData('production') };
  untouchedBefore = await untouched();
  await stage.work();
});

afterAll(() => stage.close());

test('what people send wrongly is answered and harms nothing; two codes carry the rollout to done', async () => {
  rollout = await stage.start({ reason: 'quarterly clean-up' }, workflowId);
  const refusals: string[] = [];
  const refused = async (signal: string, input?: object): Promise<void> => {
    const { accepted, because } = await stage.decide(rollout, signal, input);
    expect({ signal, accepted }).toEqual({ signal, accepted: false });
    refusals.push(because);
  };
  await refused('approve', { code: 'AAAA-BBBB-CCCC-DDDD' }); // before the gate
  await refused('no-such-signal');
  for (const input of [[1, 2], 'text', undefined, { code: 7 }, { code: 'x'.repeat(1_000_000) }]) {
    await rollout.signal('approve', input);
  }
  await rollout.signal('surprise', { anything: true });
  await writeAsNewClient('staging', newcomer, { from: 'staging: trial' });

  const { gates, asked } = await stage.until(rollout, ({ waiting }) => waiting?.for === 'approval');
  expect(asked?.seals).toEqual({
    sealed: ['rows', 'staging copy', 'production copy', 'staging backup', 'rollback rehearsal', 'load test', 'soak'],
    claimed: [],
  });
  expect([...(gates[0]?.told ?? [])].sort()).toEqual(['anna', 'ben']);
  keepReading('run-production', await readingOf(rollout));
  expect(stage.codeOf('maria')).toBeUndefined(); // she asked for it
  expect(await rollout.query<string>('why')).toMatch(/approval of "production".*anna, ben/);
  expect((await attributes(rollout))['RolloutWaitingFor']).toEqual(['approval']);

  await refused('approve', { code: 'AAAA-BBBB-CCCC-DDDD' });
  const [annas, bens] = [codeOf('anna'), codeOf('ben')];
  expect(await stage.decide(rollout, 'approve', { code: annas, comment: 'looks right' })).toMatchObject({
    accepted: true,
  });
  await refused('approve', { code: annas });
  sentCodes.add(bens.toLowerCase());
  expect(await stage.decide(rollout, 'approve', { code: bens.toLowerCase() })).toMatchObject({ accepted: true });

  const result = await stage.resultOf(rollout);
  expect(result).toMatchObject({ outcome: 'done' });
  expect(refusals.filter((because) => because.length < 10)).toEqual([]);
  const { messages, steps } = await rollout.query<Facts>('status');
  const rehearsal = steps.find(({ name }) => name === 'staging: rollback rehearsal');
  expect(rehearsal?.note).toMatch(
    /^rolled back in \d+.*: 1\d\d values restored, 1 got an unusable placeholder, columns as captured, the old release served$/,
  );
  expect(await statusFor('staging', newcomer)).toBe(200); // by its hash: nobody has "filled" that from a placeholder
  const usual = rolloutSteps('column').map(stepLabel);
  expect(steps.map(({ id }) => stepLabel(id)).filter((label) => label !== 'take the target')).toEqual(usual);
  expect(messages.filter(({ kind, accepted }) => kind === 'approve' && accepted)).toHaveLength(2);
  expect(messages.filter(({ kind, accepted }) => kind === 'surprise' && !accepted)).toHaveLength(1);
  keepHistory('done', { history: await rollout.fetchHistory() });
});

test('the columns are gone in both environments, and nothing else is', async () => {
  for (const name of environments) {
    expect(await captureColumns(stage.databases[name])).toEqual([undefined, undefined]);
    expect(await revisionOf(name)).toBe('20260208_000007');
    expect(await primaryData(name)).toEqual(cacheBefore[name]);
  }
  expect(await untouched()).toEqual(untouchedBefore);
  expect(await stateOf()).toBe('dropped');
  expect(await attributes(rollout)).toMatchObject({
    RolloutPlan: ['drop-plaintext-api-keys'],
    RolloutTarget: ['agent-api'],
    RolloutPhase: ['done'],
    RolloutWaitingFor: ['nothing'],
  });
});

test('its history holds the plan once, where it was read; what is sent most often is small', async () => {
  const recorded = { history: await rollout.fetchHistory() };
  const read = callsOf(recorded).find(({ name }) => name === 'loadPlan');
  const { plan, planDigest } = JSON.parse(read?.answer ?? '{}') as Loaded;
  expect(callsHoldingPlan(recorded, plan)).toEqual({ inputs: [], answers: ['loadPlan'] });
  const byDigest = callsOf(recorded).filter(({ input }) => input.includes(`"planDigest":"${planDigest}"`));
  expect(new Set(byDigest.map(({ name }) => name)).size).toBeGreaterThan(20);

  const { activities } = historySizes(recorded);
  const { calls = 0, inputBytes = 0 } = activities.find(({ name }) => name === 'publishStatus') ?? {};
  expect(calls).toBeGreaterThan(20);
  expect(inputBytes / calls).toBeLessThan(6_000);
  expect(activities.reduce((sum, each) => sum + each.inputBytes + each.resultBytes, 0)).toBeLessThan(700_000);
});

test('the report says who decided, what was done, and what a person must still see to', async () => {
  const { report = '' } = await stage.resultOf(rollout);
  const file = isAbsolute(report) ? report : join(stage.folder, report);
  const text = readFileSync(file, 'utf8');

  for (const part of ['done', 'anna', 'ben', 'looks right', 'quarterly clean-up', 'sessions.owner_api_key']) {
    expect(text).toContain(part);
  }
  expect(text).toMatch(/mcp_server/); // primary data with keys in their names: counted and told, never deleted
  expect(text).not.toMatch(/sk-(staging|production)-/);
  expect(existsSync(file.replace(/\.md$/, '.json'))).toBe(true);
});

test('the way back: a new row loses its key by consent, every other key is accepted by the old release', async () => {
  const lostHash = hashOfKey('sk-production-of-somebody-new');
  await stage.databases.production.query(
    `insert into sessions (title, owner_api_key_hash) values ('written by the new release', $1)`,
    [lostHash],
  );
  const order = ['rollback', workflowId, '--requested-by', 'otto', '--reason', 'clients report 401'];
  const ran = await command([...order, '--address', stage.address, '--namespace', stage.namespace]);
  expect(ran.out).toContain(`${workflowId}/rollback`);

  const back = stage.client.workflow.getHandle(`${workflowId}/rollback`);
  const { rollback, gates, asked } = await stage.until(back, ({ waiting }) => waiting?.for === 'approval');
  expect(asked?.seals).toEqual({ sealed: ['loss'], claimed: [] });
  expect(rollback?.loss).toMatchObject({ rows: 1, values: 1 });
  expect(gates.at(-1)?.purpose).toBe('accept-loss');
  keepReading('run-rollback', await readingOf(back));
  const annas = codeOf('anna');
  expect(await stage.decide(back, 'approve', { code: annas })).toMatchObject({ accepted: false });
  for (const code of [annas, codeOf('ben')]) {
    expect(await stage.decide(back, 'approve', { code, acceptLoss: true })).toMatchObject({ accepted: true });
  }
  expect(await stage.resultOf(back)).toMatchObject({ outcome: 'rolled-back' });

  const rows = await stage.databases.production.query<{ key: string; hash: string }>(
    `select owner_api_key as key, owner_api_key_hash as hash from sessions where owner_api_key_hash is not null
     union all select owner_api_key, owner_api_key_hash from assistants where owner_api_key_hash is not null`,
  );
  const wrong = rows.filter(({ key, hash }) => key === null || hashOfKey(key) !== hash);
  expect(wrong).toEqual([{ hash: lostHash, key: expect.stringMatching(/^!rubicon:no-key:/) }]);
  expect(rows.length).toBeGreaterThan(120);
  expect(await captureColumns(stage.databases.production)).toEqual(columnsBefore);
  expect(await revisionOf('production')).toBe('20260201_000006');
  expect(await stateOf()).toBe('rolled-back');
  await expectOldRelease();
  const lock = await stage.client.workflow.getHandle('rubicon-target/agent-api').describe();
  expect(lock.status.name).not.toBe('RUNNING');
  keepHistory('rolled-back', { history: await back.fetchHistory() });
});

test('no history and no channel holds a key, a password, or a code that nobody sent', async () => {
  const types = (await recordHistories(stage.client)).map(({ type }) => type);

  expect(types).toEqual(expect.arrayContaining(['rollout', 'rollback', 'targetLock']));
  expect(stage.slack.messages().filter(({ to }) => to === undefined).length).toBeGreaterThan(3);
  expect(await secretsFound(stage, { sent: sentCodes })).toEqual([]);
});

test('each of these runs is replayed by the same code', async () => {
  for (const { workflowId: id, history } of await recordHistories(stage.client)) await replay(history, id);
});

/** The newest code of somebody's direct messages; remembered as sent. */
function codeOf(person: 'anna' | 'ben'): string {
  const code = stage.codeOf(person);
  if (code === undefined) throw new Error(`expected a code for ${person}, found none`);
  sentCodes.add(code);
  return code;
}

async function primaryData(name: EnvironmentName): Promise<Map<string, string>> {
  const redis = new Redis(stage.environments[name].redisUrl);
  try {
    const found = new Map<string, string>();
    for (const key of (await redis.keys('*')).sort()) {
      if (/^(assistant|session):/.test(key)) continue; // the cache
      found.set(key, ((await redis.dumpBuffer(key)) ?? Buffer.alloc(0)).toString('base64'));
    }
    return found;
  } finally {
    redis.disconnect();
  }
}

/** A row as the new release writes it, of an owner who is in no backup and in no copy. */
async function writeAsNewClient(name: EnvironmentName, key: string, { from }: { from: string }): Promise<void> {
  await stage.until(rollout, ({ steps }) => steps.some((step) => step.name === from));
  await stage.databases[name].query(
    `insert into sessions (title, owner_api_key_hash) values ('written in the trial', $1)`,
    [hashOfKey(key)],
  );
}

async function statusFor(name: EnvironmentName, key: string): Promise<number> {
  const url = `${stage.environments[name].platform.frontUrl}/api/v1/sessions`;
  return (await fetch(url, { headers: { 'X-API-Key': headerOfKey(key) } })).status;
}

/** Everything of production that the plan does not name. */
async function untouched(): Promise<object> {
  const { query } = stage.databases.production;
  const digest = (table: string, columns: string): Promise<object[]> =>
    query(
      `select count(*)::int, md5(string_agg(r::text, '|' order by r::text)) from (select ${columns} from ${table}) r`,
    );
  return {
    sessions: await digest('sessions', 'id, title, status, metadata, owner_api_key_hash, created_at, updated_at'),
    assistants: await digest('assistants', 'id, name, model, instructions, owner_api_key_hash, created_at, updated_at'),
    usage: await digest('usage_events', '*'),
  };
}

async function revisionOf(name: EnvironmentName): Promise<unknown> {
  const [row] = await stage.databases[name].query('select version_num from alembic_version');
  return row?.['version_num'];
}

async function stateOf(): Promise<unknown> {
  const rows = await stage.databases.production.query('select state from rubicon.rollout where workflow_id = $1', [
    workflowId,
  ]);
  expect(rows).toHaveLength(1);
  return rows[0]?.['state'];
}

async function attributes(handle: WorkflowHandle): Promise<Record<string, unknown>> {
  return (await handle.describe()).searchAttributes;
}

async function expectOldRelease(): Promise<void> {
  const { platform, data } = stage.environments.production;
  const state = (await (await fetch(`${platform.controlUrl}/state`)).json()) as Record<string, unknown>;
  expect(state).toMatchObject({ release: 'phase2', maintenance: false });
  const callers = [...data.keys, ...data.oddKeys.filter((key) => key === key.trim())];
  const answers = callers.map(async (key) => {
    const answer = await fetch(`${platform.frontUrl}/api/v1/sessions`, { headers: { 'X-API-Key': headerOfKey(key) } });
    return answer.status;
  });
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
}
