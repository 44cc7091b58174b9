import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { until } from '../../support/looks/until';
import { leftOpen, lockHolder, observedStateOf, type SeenState } from '../../support/stages/observed';

jest.setTimeout(240_000);

let stage: RolloutStage;
let before: SeenState;
let winner: WorkflowHandle;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  before = await observedStateOf(stage, 'production');
  await carryChangeInStaging(stage);
  await stage.work();
});

afterAll(() => stage.close());

test('of two rollouts that start in the same moment one gets the target, and the other says whose it is', async () => {
  const both = await Promise.all([stage.start(), stage.start()]);
  const first = await Promise.race(both.map((handle) => handle.result().then((result) => ({ handle, result }))));
  winner = both.find(({ workflowId }) => workflowId !== first.handle.workflowId)!;

  expect(first.result).toMatchObject({ outcome: 'stopped', because: expect.stringContaining(winner.workflowId) });
  expect(await lockHolder(stage)).toBe(winner.workflowId);
});

test('a rollout that is reset holds its target still; terminated then, it leaves the target to the next one', async () => {
  await untilAsked(winner);
  const again = await reset(winner, (events) => lastTaskBefore(events, isScheduled('openGate')));
  await untilAsked(again);
  expect(await lockHolder(stage)).toBe(winner.workflowId);
  await again.terminate('someone pressed the button');

  const next = await stage.start();
  await stage.until(next, ({ steps }) => steps.some(({ name }) => name === 'preflight'));
  expect(await lockHolder(stage)).toBe(next.workflowId);
  winner = next;
});

test('after a rejection no reset leads to a change of the data: the codes are used, and the row is closed', async () => {
  await untilAsked(winner);
  const schemaBefore = await schemaVersion();
  expect(await stage.decide(winner, 'reject', { reason: 'never' })).toMatchObject({ accepted: true });
  expect(await stage.resultOf(winner)).toMatchObject({ outcome: 'rejected' });

  // To the open gate, as if nobody had rejected; its codes are the ones of the direct messages.
  const atTheGate = await reset(winner, (events) => lastTaskBefore(events, isUpdate));
  await stage.approve(atTheGate);
  const { question } = await stage.until(atTheGate, ({ waiting }) => waiting?.for === 'answer');
  expect(question?.because.join()).toMatch(/expected a valid decision|expected the state row/);
  expect(await stage.decide(atTheGate, 'abort', { reason: 'a reset is no decision' })).toMatchObject({
    accepted: true,
  });
  expect(await stage.resultOf(atTheGate)).toMatchObject({ outcome: 'aborted' });

  expect(await schemaVersion()).toEqual(schemaBefore);
});

test('nor does a reset to before the gate: it does not open again', async () => {
  const beforeTheGate = await reset(winner, (events) => lastTaskBefore(events, isScheduled('openGate')));
  const { question } = await stage.until(beforeTheGate, ({ waiting }) => waiting?.for === 'answer');
  expect(question).toMatchObject({ step: 'approval: production', because: [expect.stringContaining('start a new')] });
  await stage.decide(beforeTheGate, 'abort', { reason: 'it does not open' });

  expect(await stage.resultOf(beforeTheGate)).toMatchObject({ outcome: 'aborted' });
  const states = await stage.databases.production.query('select state from rubicon.rollout where workflow_id = $1', [
    winner.workflowId,
  ]);
  expect(states).toEqual([{ state: 'aborted' }]);
  expect(await observedStateOf(stage, 'production')).toEqual(before); // also the release: it needs a decision that stands
  await until(async () => (await leftOpen(stage)).length === 0);
});

/** Who has last written what the catalogue says of the plan's tables: changed by any DDL, also by one that was taken back. */
const schemaVersion = () =>
  stage.databases.production.query(
    `select c.relname, a.attname, c.xmin::text || '/' || a.xmin::text as version
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relname in ('sessions', 'assistants') order by 1, 2`,
  );

const untilAsked = (handle: WorkflowHandle) => stage.until(handle, ({ waiting }) => waiting?.for === 'approval');

type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;
type Event = Events[number];

const isTaskDone = (event: Event): boolean => event.workflowTaskCompletedEventAttributes != null;
const isUpdate = (event: Event): boolean => event.workflowExecutionUpdateAcceptedEventAttributes != null;
const isScheduled =
  (activity: string) =>
  ({ activityTaskScheduledEventAttributes: scheduled }: Event): boolean =>
    scheduled?.activityType?.name === activity;

/** The workflow task that came before the one which did this. */
function lastTaskBefore(events: Events, isIt: (event: Event) => boolean): Event | undefined {
  const at = events.findIndex(isIt);
  return events.slice(0, at).filter(isTaskDone).at(-1);
}

/** Begins again at a workflow task, and forgets all messages since, as somebody with the right to reset can. */
async function reset(handle: WorkflowHandle, find: (events: Events) => Event | undefined): Promise<WorkflowHandle> {
  const { workflowId } = handle;
  const { runId } = await stage.client.workflow.getHandle(workflowId).describe();
  const event = find((await handle.fetchHistory()).events ?? []);
  if (event === undefined) throw new Error('expected a workflow task to begin again at, found none');
  const answer = await stage.client.workflowService.resetWorkflowExecution({
    namespace: stage.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'as if it had not happened',
    workflowTaskFinishEventId: event.eventId ?? null,
    requestId: randomUUID(),
    resetReapplyExcludeTypes: [exclude.signal, exclude.update],
  });
  return stage.client.workflow.getHandle(workflowId, answer.runId);
}

/** `ResetReapplyExcludeType` */
const exclude = { signal: 1, update: 2 };
