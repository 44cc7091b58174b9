import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../contract/facts';
import { aftercareId, type EnvironmentName } from '../../contract/names';
import type { RolloutResult } from '../../contract/outcome';
import type { AftercareSeen } from '../../contract/steps';
import { captureColumns, readState } from '../support/database-state';
import { keepHistory, recordHistories, replay } from '../support/histories';
import { openRolloutStage, type RolloutStage } from '../support/rollout-stage';

jest.setTimeout(90_000);

let stage: RolloutStage;
let productionBefore: object;
const terminated: string[] = [];

beforeAll(async () => {
  const changePlan = (plan: Record<string, unknown>): void => {
    Object.assign(plan['loadTest'] as object, { requests: 100, connections: 10, p95Ms: 5_000 });
  };
  stage = await openRolloutStage({ changePlan });
  productionBefore = await world('production');
  await stage.work();
});

afterAll(() => stage.close());

// Each of them ends before the point of no return, so production must be as it was, whatever has happened.
afterEach(async () => {
  expect(await world('production')).toEqual(productionBefore);
  const rows = await stage.databases.production.query<{ id: string }>(
    `select workflow_id as id from rubicon.rollout where state <> 'aborted'`,
  );
  expect(rows.map(({ id }) => id)).toEqual(terminated); // nobody closes the row of those; without a workflow no drop
  expect(await lockHolder()).toBeUndefined();
});

test('"until": "preflight" tells what would be in the way, and touches nothing', async () => {
  const stagingBefore = await world('staging');
  const handle = await stage.start({ until: 'preflight' });

  expect(await resultOf(handle)).toMatchObject({ outcome: 'preflight-only', report: expect.stringContaining('.md') });
  expect(await world('staging')).toEqual(stagingBefore);
});

test('an order that names nobody and nothing is told all of it at once, and touches nothing', async () => {
  const handle = await stage.start({ plan: 'no-such-plan', requestedBy: 'nobody', until: 'preflight' });
  const failure = await handle.result().catch((error: { cause?: Error }) => error.cause?.message);

  expect(failure).toContain('no-such-plan');
  expect(failure).toContain('nobody');
});

test('a key without a hash in production stops in preflight, before staging is touched', async () => {
  const stagingBefore = await world('staging');
  const planted = `insert into sessions (title, owner_api_key) values ('planted', 'sk-production-planted') returning id`;
  const [row] = await stage.databases.production.query<{ id: string }>(planted);
  try {
    const result = await resultOf(await stage.start());

    expect(result).toMatchObject({ outcome: 'stopped', because: expect.stringContaining('sessions') });
    expect(result.because).not.toContain('sk-production-planted');
    expect(await world('staging')).toEqual(stagingBefore);
  } finally {
    await stage.databases.production.query('delete from sessions where id = $1', [row?.id]);
  }
});

test('an abort in the soak is acknowledged when everything is put back', async () => {
  const handle = await stage.start();
  await stage.until(handle, ({ phase }) => phase === 'soak');

  expect(await stage.decide(handle, 'abort', { reason: 'not today' })).toMatchObject({ accepted: true });
  expect(await resultOf(handle)).toMatchObject({ outcome: 'aborted', because: expect.stringContaining('not today') });
});

test('a held soak waits for resume; a second rollout finds the target taken; a rejection ends the first', async () => {
  const handle = await stage.start();
  await stage.until(handle, ({ phase }) => phase === 'soak');
  expect(await stage.decide(handle, 'hold', { reason: 'incident elsewhere' })).toMatchObject({ accepted: true });
  await stage.until(handle, ({ waiting }) => waiting?.for === 'resume');
  expect(await handle.query<string>('why')).toContain('incident elsewhere');

  const second = await stage.start();
  expect(await resultOf(second)).toMatchObject({
    outcome: 'stopped',
    because: expect.stringContaining(handle.workflowId),
  });
  expect(await lockHolder()).toBe(handle.workflowId);

  expect(await stage.decide(handle, 'resume')).toMatchObject({ accepted: true });
  expect(await stage.decide(handle, 'resume')).toMatchObject({ accepted: false });
  await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
  expect(await stage.decide(handle, 'reject', {})).toMatchObject({ accepted: false });
  const reason = 'the backup window is not free';
  expect(await stage.decide(handle, 'reject', { reason })).toMatchObject({ accepted: true });

  expect(await resultOf(handle)).toMatchObject({ outcome: 'rejected', because: expect.stringContaining(reason) });
  const { run, destroyAt } = await handle.query<Facts>('status');
  const aftercare = stage.client.workflow.getHandle(aftercareId(run));
  // Its backup of staging has a date.
  expect(await aftercare.query<AftercareSeen>('seen')).toMatchObject({ looking: false, destroyAt, destructions: {} });
  keepHistory('rejected', { history: await handle.fetchHistory() });
});

test('a terminated rollout leaves a lock that the next one takes; an abort at the gate ends that one', async () => {
  const first = await stage.start();
  await stage.until(first, ({ waiting }) => waiting?.for === 'approval');
  await first.terminate('somebody pressed the button');
  terminated.push(first.workflowId);

  const second = await stage.start();
  await stage.until(second, ({ waiting }) => waiting?.for === 'approval');
  expect(await lockHolder()).toBe(second.workflowId);
  expect(await stage.decide(second, 'abort', { reason: 'wrong week' })).toMatchObject({ accepted: true });

  expect(await resultOf(second)).toMatchObject({ outcome: 'aborted', because: expect.stringContaining('wrong week') });
});

test('an approval that nobody gives expires', async () => {
  await withDurations({ gateExpiry: '1 hour' }, { gateExpiry: '2 s' }, async () => {
    const result = await resultOf(await stage.start());

    expect(result).toMatchObject({ outcome: 'expired', because: expect.stringContaining('2 more of approver') });
  });
});

test('every one of these runs is replayed by the same code', async () => {
  const recorded = await recordHistories(stage.client);
  for (const { workflowId, history } of recorded) await replay(history, workflowId);

  expect(recorded.filter(({ type }) => type === 'rollout')).toHaveLength(9);
});

const resultOf = (handle: WorkflowHandle): Promise<RolloutResult> => handle.result() as Promise<RolloutResult>;

/** Columns, revision and rows without our own schema, release and maintenance. */
async function world(name: EnvironmentName): Promise<object> {
  const { structure, rows } = await readState(stage.databases[name]);
  const own = (table: object): boolean => !JSON.stringify(table).includes('"rubicon"');
  const revision = await stage.databases[name].query('select version_num from alembic_version');
  const { controlUrl } = stage.environments[name].platform;
  const { release, maintenance } = (await (await fetch(`${controlUrl}/state`)).json()) as Record<string, unknown>;
  const columns = await captureColumns(stage.databases[name]);
  return { columns, structure: structure.filter(own), rows: rows.filter(own), revision, release, maintenance };
}

/** Who holds the target; undefined = it is free. */
async function lockHolder(): Promise<unknown> {
  const lock = await stage.client.workflow
    .getHandle('rubicon-target/agent-api')
    .describe()
    .catch(() => undefined);
  return lock?.status.name === 'RUNNING' ? lock.memo?.['holder'] : undefined;
}

async function withDurations(
  before: Record<string, string>,
  meanwhile: Record<string, string>,
  work: () => Promise<void>,
): Promise<void> {
  const file = join(stage.folder, 'plans/drop-plaintext-api-keys/plan.yaml');
  const plan = readFileSync(file, 'utf8');
  let changed = plan;
  for (const [name, value] of Object.entries(before)) {
    changed = changed.replace(`${name}: ${value}`, `${name}: ${meanwhile[name]}`);
  }
  expect(changed).not.toBe(plan);
  writeFileSync(file, changed);
  await work().finally(() => writeFileSync(file, plan));
}
