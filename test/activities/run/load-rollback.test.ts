import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { createLoadRollback } from '../../../activities/run/load-rollback';
import type { RollbackOrder } from '../../../contract/run/inputs';
import { sampleControl } from '../../support/inputs/control-settings';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../../support/servers/temporal-client';
import { until } from '../../support/looks/until';

const plan = 'drop-plaintext-api-keys';
let at: TestTemporal;
beforeAll(async () => (at = await openTestTemporal()));
afterAll(() => at.close());

async function load(order: Omit<RollbackOrder, 'requestedBy'> & { requestedBy?: string }, settings = sampleControl) {
  const { workflowId, runId } = await startOpenWorkflow(at.client, { type: 'rollback' });
  return createLoadRollback({ ...settings, temporal: at.temporal })({
    order: { requestedBy: 'otto', ...order },
    workflowId,
    runId,
  });
}

/** A rollout as the workflow leaves it: its order, and its search attributes once it has begun. */
async function openRollout({ input = { plan, requestedBy: 'maria' }, target = 'agent-api', begun = true } = {}) {
  const attributes = [
    { key: defineSearchAttributeKey('RolloutPlan', 'KEYWORD'), value: input.plan },
    { key: defineSearchAttributeKey('RolloutTarget', 'KEYWORD'), value: target },
  ];
  const typedSearchAttributes = new TypedSearchAttributes(begun ? attributes : []);
  return startOpenWorkflow(at.client, { args: [input], typedSearchAttributes });
}

const end = (workflowId: string) => at.client.workflow.getHandle(workflowId).terminate('for the test');

test('an open rollout is found by its workflow id, with target and plan', async () => {
  const { workflowId } = await openRollout();
  const loaded = await load({ rollout: workflowId });
  expect(loaded).toMatchObject({
    rollout: { workflowId, open: true },
    target: 'agent-api',
    requesters: ['otto'],
    needs: { approver: 2 },
    onCall: 'on-call',
  });
  expect(loaded.inFolders?.plan.name).toBe(plan);
});

test('one that has ended is found too', async () => {
  const { workflowId } = await openRollout();
  await end(workflowId);
  expect((await load({ rollout: workflowId })).rollout).toEqual({ workflowId, open: false });
});

test('one that never began is found by what it was started with', async () => {
  const { workflowId } = await openRollout({ begun: false });
  expect(await load({ rollout: workflowId })).toMatchObject({
    target: 'agent-api',
    inFolders: { plan: { name: plan } },
  });
});

test('a plan that is gone or unusable is no reason to refuse the way back', async () => {
  const { workflowId } = await openRollout({ input: { plan: 'gone', requestedBy: 'maria' } });
  const loaded = await load({ rollout: workflowId });
  expect(loaded).toMatchObject({ target: 'agent-api', needs: { approver: 2 }, durationsOverridden: [] });
  expect(loaded.inFolders).toBeUndefined();
});

test('by target and plan the open one is found, else the newest, else none', async () => {
  const target = `other-${randomUUID()}`;
  const settings = { ...sampleControl, targets: [{ ...sampleControl.targets[0]!, name: target }] };
  const order = { target, plan };
  expect((await load(order, settings)).rollout).toBeUndefined();

  const [open, newer] = [await openRollout({ target }), await openRollout({ target })];
  await end(newer.workflowId);
  const query = `RolloutTarget = "${target}" AND ExecutionStatus`;
  await until(async () => (await at.temporal.list(`${query} = "Running"`, 9)).length === 1, 15_000);
  await until(async () => (await at.temporal.list(`${query} = "Terminated"`, 9)).length === 1, 15_000);
  expect((await load(order, settings)).rollout).toEqual({ workflowId: open.workflowId, open: true });

  await end(open.workflowId);
  await until(async () => (await at.temporal.list(`${query} = "Terminated"`, 9)).length === 2, 15_000);
  expect((await load(order, settings)).rollout).toEqual({ workflowId: newer.workflowId, open: false });
});

test('everything unknown is told at once', async () => {
  const order = { target: 'agent', plan: 'drop-it', requestedBy: 'oto' };
  await expect(load(order)).rejects.toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(
      /^The rollback can't be started with this input:\n {2}- plan: expected the name of a plan, found "drop-it".*\n {2}- requestedBy: expected a person, found "oto"; did you mean "otto"\?\nExample:/,
    ),
  });
  await expect(load({ target: 'agent', plan })).rejects.toThrow('target: expected a target, found "agent"');
});

test('a workflow that Temporal doesn’t know is told with the other way to name it', async () => {
  await expect(load({ rollout: 'forgotten' })).rejects.toThrow(
    'rollout: expected the workflow id of a rollout, found "forgotten", which Temporal doesn\'t know; where it is forgotten, send "target" and "plan" instead',
  );
});

test('a workflow of another type is refused', async () => {
  const { workflowId } = await startOpenWorkflow(at.client, { type: 'aftercare' });
  await expect(load({ rollout: workflowId })).rejects.toThrow('expected a workflow of type "rollout"');
});
