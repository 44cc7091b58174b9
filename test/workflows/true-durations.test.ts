import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../contract/facts';
import { openRolloutStage, type RolloutStage } from '../support/rollout-stage';
import { replay } from '../support/histories';

jest.setTimeout(180_000);

const hour = 3_600;

/** `FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED` */
const completed = 2;

let stage: RolloutStage;

beforeAll(async () => {
  const trueOnes = { soak: '24 hours', soakEvery: '15 minutes', monitor: '1 hour', monitorEvery: '30 s' };
  const changePlan = (plan: Record<string, unknown>): void => {
    Object.assign(plan['loadTest'] as object, { requests: 100, connections: 10, p95Ms: 5_000 });
  };
  stage = await openRolloutStage({ changePlan, durations: trueOnes, minimumSoak: '24 hours' });
  await stage.work();
});

afterAll(() => stage.close());

test('a day of soak, an hour of monitor and a week of aftercare fit into one history each', async () => {
  const handle = await stage.start();
  await stage.until(handle, ({ phase, waiting }) => phase === 'soak' && waiting?.for === 'soak');
  await skip(handle, 24 * hour);
  await skipUntil(handle, ({ waiting }) => waiting?.for === 'approval');
  await stage.approve(handle);
  await stage.until(handle, ({ waiting }) => waiting?.for === 'monitor', 90_000);
  await skip(handle, hour - 120); // some of it has passed already, and a run that has ended can't be skipped
  await skipUntil(handle, ({ outcome }) => outcome !== undefined);

  expect(await handle.result()).toMatchObject({ outcome: 'done' });
  const facts = await handle.query<Facts>('status');
  expect(facts.soak).toMatchObject({ healthyMs: 24 * hour * 1_000, restarts: 0 });
  expect(facts.soak?.samples).toBeGreaterThanOrEqual(96);
  expect(facts.monitor?.samples).toBeGreaterThanOrEqual(118);
  const history = await handle.fetchHistory();
  expect(history.events?.length).toBeLessThan(4_000);
  await replay(history, handle.workflowId);

  const aftercare = await aftercareOf(handle);
  await skip(aftercare, 8 * 24 * hour);
  expect(await aftercare.result()).toMatchObject({ notGreen: [] });
});

/** Lets the server pass over idle time of one workflow, and waits until it has. */
async function skip({ workflowId }: WorkflowHandle, seconds: number): Promise<void> {
  const { workflowService } = stage.client.connection as unknown as { workflowService: Service };
  const id = randomUUID();
  const place = { namespace: stage.namespace, workflowExecution: { workflowId } };
  await workflowService.updateWorkflowExecutionOptions({
    ...place,
    updateMask: { paths: ['time_skipping_config'] },
    workflowExecutionOptions: {
      timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration: { seconds } } },
    },
  });
  const limitAt = Date.now() + 120_000;
  for (;;) {
    const polled = await workflowService.pollWorkflowExecutionTimeSkipping({ ...place, fastForwardId: id });
    if (polled.fastForwardPollingResult === completed) return;
    if (polled.failedReason || Date.now() > limitAt)
      throw new Error(`${seconds} s not skipped: ${polled.failedReason}`);
  }
}

/** What the activities took is time too, so the end of a wait lies a little behind its length. */
async function skipUntil(handle: WorkflowHandle, wanted: (facts: Facts) => boolean): Promise<void> {
  for (let minutes = 0; minutes < 30; minutes += 1) {
    const reached = await stage.until(handle, wanted, 500).catch(() => undefined);
    if (reached !== undefined) return;
    await skip(handle, 60).catch(() => undefined); // it may have ended meanwhile
  }
  await stage.until(handle, wanted, 1_000);
}

async function aftercareOf(rollout: WorkflowHandle): Promise<WorkflowHandle> {
  for await (const { workflowId } of stage.client.workflow.list({ query: `WorkflowType = 'aftercare'` })) {
    if (workflowId.startsWith(rollout.workflowId)) return stage.client.workflow.getHandle(workflowId);
  }
  throw new Error('expected an aftercare, found none');
}

interface Service {
  updateWorkflowExecutionOptions(request: object): Promise<unknown>;
  /** A long poll: after 20 s or so it answers that it is not there yet. */
  pollWorkflowExecutionTimeSkipping(
    request: object,
  ): Promise<{ fastForwardPollingResult: number; failedReason: string }>;
}
