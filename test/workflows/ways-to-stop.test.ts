import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../contract/run/facts';
import { keepHistory, recordHistories, replay } from '../support/workflows/histories';
import { keepReading, readingOf } from '../support/workflows/readings';
import { carryChangeInStaging } from '../support/stages/carried-staging';
import { until } from '../support/looks/until';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/stages/rollout-stage';
import { lockHolder, observedStateOf } from '../support/stages/observed';

jest.setTimeout(240_000); // a whole rollout, beside other tests on two cores

let stage: RolloutStage;
let productionBefore: object;
let stagingBefore: object;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await carryChangeInStaging(stage); // by an earlier rollout
  productionBefore = await observedStateOf(stage, 'production');
  stagingBefore = await observedStateOf(stage, 'staging');
  await stage.work(['control', 'staging']); // that of production comes later
});

afterAll(() => stage.close());

// Each of them ends before the point of no return, so production must be as it was, whatever has happened.
afterEach(async () => {
  expect(await observedStateOf(stage, 'production')).toEqual(productionBefore);
  const rows = await stage.databases.production.query<{ id: string }>(
    `select workflow_id as id from rubicon.rollout where state <> 'aborted'`,
  );
  expect(rows).toEqual([]);
  expect(await lockHolder(stage)).toBeUndefined();
});

let preflight: WorkflowHandle;

test('without a worker of production it says so, costs no history however long, and goes on when one comes', async () => {
  await plantDoubt();
  const handle = (preflight = await stage.start({ until: 'preflight' }));
  await untilPending(handle, ['checkServer']);
  await passMinute(handle, 'checkServer');
  await stage.until(handle, ({ waiting }) => waiting?.for === 'worker');
  expect(await handle.query<string>('why')).toMatch(/Waits: a worker that takes "preflight".*rubicon worker/);
  expect((await handle.describe()).searchAttributes['RolloutWaitingFor']).toEqual(['worker']);

  // An hour of it is as good as a second: there is no timer, and one task that has all the time of the world.
  await untilPending(handle, ['takesTasks']);
  const { raw, historyLength } = await handle.describe();
  expect(Number(raw.pendingActivities?.[0]?.activityOptions?.scheduleToStartTimeout?.seconds ?? 0)).toBe(0);
  expect(await openTimers(handle)).toEqual([]);
  expect(historyLength).toBeLessThan(100);

  await stage.work(['production']);
  await stage.until(handle, ({ waiting }) => waiting?.for !== 'worker');
});

test('"until": "preflight" tells what would be in the way, and touches nothing', async () => {
  const handle = preflight;
  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'preflight-only',
    report: expect.stringContaining('.md'),
  });
  expect(await handle.query<string>('why')).toContain('Ended as preflight-only');
  const { steps } = await handle.query<Facts>('status');
  expect(steps.at(-1)?.note).toMatch(/^\d+ checks, none blocking; 1 that a rollout asks a person about/);
  await removeDoubt();
  expect(await observedStateOf(stage, 'staging')).toEqual(stagingBefore);
  keepHistory('preflight-only', { history: await handle.fetchHistory() });
});

test('an order that names nobody and nothing is told all of it at once, and touches nothing', async () => {
  const handle = await stage.start({ plan: 'no-such-plan', requestedBy: 'nobody', until: 'preflight' });
  const failure = await handle.result().catch((error: { cause?: Error }) => error.cause?.message);

  expect(failure).toContain('no-such-plan');
  expect(failure).toContain('nobody');
});

test('a key without a hash in production stops in preflight, before staging is touched', async () => {
  const planted = `insert into sessions (title, owner_api_key) values ('planted', 'sk-production-planted') returning id`;
  const [row] = await stage.databases.production.query<{ id: string }>(planted);
  try {
    const handle = await stage.start();
    const result = await stage.resultOf(handle);

    expect(result).toMatchObject({ outcome: 'stopped', because: expect.stringContaining('sessions') });
    keepHistory('stopped', { history: await handle.fetchHistory() });
    expect(result.because).not.toContain('sk-production-planted');
    expect(await observedStateOf(stage, 'staging')).toEqual(stagingBefore);
  } finally {
    await stage.databases.production.query('delete from sessions where id = $1', [row?.id]);
  }
});

/** An event trigger that only notifies: whether it would refuse the change nobody can tell but a person. */
const plantDoubt = () =>
  stage.databases.production.query(
    `create function watching() returns event_trigger language plpgsql as $$ begin raise notice 'changed'; end $$;
     create event trigger watcher on ddl_command_end execute function watching()`,
  );
const removeDoubt = () => stage.databases.production.query('drop event trigger watcher; drop function watching()');

/** Before anything is touched: with a code, and with a reason, which approvers see. */
async function answerDoubt(handle: WorkflowHandle): Promise<void> {
  const { question } = await stage.until(handle, (facts) => facts.question?.gate !== undefined);
  expect(question).toMatchObject({
    step: 'preflight',
    because: [expect.stringMatching(/^production: event trigger watcher: .*its source raises nothing, /)],
    recommended: expect.stringMatching(/^review each of them/),
  });
  keepReading('question-preflight', await readingOf(handle));
  const code = stage.codeOf('otto');
  const answers = [{}, { code: 'AAAA-AAAA-AAAA-AAAA', reason: 'harmless' }, { code }, { code, reason: '…' }];
  for (const answer of answers) {
    expect(await stage.decide(handle, 'answer', { choice: 'accept', ...answer })).toMatchObject({ accepted: false });
  }
  const reason = 'it only writes a notice';
  expect(await stage.decide(handle, 'answer', { choice: 'accept', code, reason })).toMatchObject({ accepted: true });
}

test('an abort in preflight is acknowledged, and nothing was touched', async () => {
  const handle = await stage.start();
  await stage.until(handle, ({ phase }) => phase === 'preflight');
  expect(await stage.decide(handle, 'abort', { reason: 'not today' })).toMatchObject({ accepted: true });
  expect(await stage.resultOf(handle)).toMatchObject({
    outcome: 'aborted',
    because: expect.stringContaining('not today'),
  });
  expect(await observedStateOf(stage, 'staging')).toEqual(stagingBefore);
});

test('a held soak waits for resume; a second rollout finds the target taken; a rejection ends the first', async () => {
  rmSync(join(stage.folder, 'backups'), { recursive: true }); // so that there is nothing to rehearse a way back with
  await plantDoubt();
  const handle = await stage.start();
  await answerDoubt(handle);
  await stage.until(handle, ({ phase }) => phase === 'soak');
  expect(await stage.decide(handle, 'hold', { reason: 'incident elsewhere' })).toMatchObject({ accepted: true });
  await stage.until(handle, ({ waiting }) => waiting?.for === 'resume');
  expect(await handle.query<string>('why')).toContain('incident elsewhere');

  const second = await stage.start();
  expect(await stage.resultOf(second)).toMatchObject({
    outcome: 'stopped',
    because: expect.stringContaining(handle.workflowId),
  });
  expect(await lockHolder(stage)).toBe(handle.workflowId);

  expect(await stage.decide(handle, 'resume')).toMatchObject({ accepted: true });
  expect(await stage.decide(handle, 'resume')).toMatchObject({ accepted: false });
  await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
  keepReading('run-production-accepted', await readingOf(handle));
  const asked = JSON.stringify(stage.slack.messages({ user: 'U0ANNA' }).at(-1)?.blocks);
  expect(asked).toContain('because: it only writes a notice');
  expect(asked).toContain('the finding: production: event trigger watcher');
  await removeDoubt();
  expect(await stage.decide(handle, 'reject', {})).toMatchObject({ accepted: false });
  const reason = 'the backup window is not free';
  expect(await stage.decide(handle, 'reject', { reason })).toMatchObject({ accepted: true });

  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'rejected', because: expect.stringContaining(reason) });
  const { steps } = await handle.query<Facts>('status');
  expect(steps.find(({ name }) => name === 'staging: rollback rehearsal')?.note).toMatch(
    /^not covered: no proven backup of/,
  );
  keepHistory('rejected', { history: await handle.fetchHistory() });
});

test('every one of these runs is replayed by the same code', async () => {
  const recorded = await recordHistories(stage.client);
  for (const { workflowId, history } of recorded) await replay(history, workflowId);

  expect(recorded.filter(({ type }) => type === 'rollout')).toHaveLength(6);
});

/** As if the minute had passed within which a worker has to come: the server lets one change the time-out. */
async function passMinute(handle: WorkflowHandle, type: string): Promise<void> {
  await stage.client.workflowService.updateActivityOptions({
    ...{ namespace: stage.namespace, execution: { workflowId: handle.workflowId }, type },
    activityOptions: { scheduleToStartTimeout: { seconds: 1 as never } }, // the types want a Long, the wire does not
    updateMask: { paths: ['schedule_to_start_timeout'] },
  });
}

/** Until it waits for nothing else: what staging does meanwhile is done. */
const untilPending = (handle: WorkflowHandle, types: string[]): Promise<void> =>
  until(async () => {
    const { pendingActivities } = (await handle.describe()).raw;
    return pendingActivities?.map(({ activityType }) => activityType?.name).join() === types.join();
  }, 30_000);

async function openTimers(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const open = new Set<string>();
  for (const { timerStartedEventAttributes: started, ...event } of events ?? []) {
    if (started?.timerId) open.add(started.timerId);
    open.delete(event.timerFiredEventAttributes?.timerId ?? '');
    open.delete(event.timerCanceledEventAttributes?.timerId ?? '');
  }
  return [...open];
}
