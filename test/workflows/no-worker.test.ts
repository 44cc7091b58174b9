import type { WorkflowHandle } from '@temporalio/client';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../support/stages/rollout-stage';
import { until } from '../support/looks/until';

jest.setTimeout(240_000);

let stage: RolloutStage;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  await stage.work(['control', 'staging']);
});

afterAll(() => stage.close());

test('without a worker of production it says so, costs no history however long, and goes on when one comes', async () => {
  const handle = await stage.start({ until: 'preflight' });
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
  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'preflight-only' });
  expect(await handle.query<string>('why')).toContain('Ended as preflight-only');
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
