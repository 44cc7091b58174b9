import { randomUUID } from 'node:crypto';
import { closeLease, openLease } from '../../../activities/release/maintenance-lease';
import { createStartAftercare } from '../../../activities/run/start-aftercare';
import { createStartRollback } from '../../../activities/run/start-rollback';
import { maintenanceLeaseId } from '../../../contract/run/names';
import type { AftercareInput } from '../../../contract/activities/aftercare';
import { newRun } from '../../support/stages/sample-environment';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../../support/servers/temporal-client';

let at: TestTemporal;
beforeAll(async () => (at = await openTestTemporal()));
afterAll(() => at.close());

const describe = (workflowId: string) => at.temporal.describe(workflowId);
const end = (workflowId: string) => at.client.workflow.getHandle(workflowId).terminate('for the test');

test('a rollback is started once, and again after it has ended', async () => {
  const start = createStartRollback(at);
  const workflowId = `${randomUUID()}/rollback`;
  const order = { rollout: randomUUID(), requestedBy: 'otto', reason: 'clients report 401' };
  expect(await start({ order, workflowId })).toEqual({ workflowId });
  const first = await describe(workflowId);
  expect(first).toMatchObject({ type: 'rollback', open: true });
  expect((await at.temporal.startEvent(first!)).input).toEqual([order]);

  await start({ order, workflowId });
  expect((await describe(workflowId))?.runId).toBe(first?.runId);
  await end(workflowId);
  await start({ order, workflowId });
  expect(await describe(workflowId)).toMatchObject({ open: true });
  expect((await describe(workflowId))?.runId).not.toBe(first?.runId);
});

test('a long or odd name of a rollout is no obstacle', async () => {
  const workflowId = `${'ü'.repeat(400)}${randomUUID()}`;
  const order = { rollout: workflowId, requestedBy: 'otto' };
  await createStartRollback(at)({ order, workflowId: `${workflowId}/rollback` });
});

test('aftercare is started once, and can be found by target and plan', async () => {
  const start = createStartAftercare(at);
  const input: AftercareInput = {
    run: newRun(`agent-api/${randomUUID()}`),
    planName: 'drop-it',
    destroyAt: '2026-12-24T10:00:00.000Z',
    left: { staging: {}, production: { backup: 'a', copy: 'b' } },
  };
  const { workflowId } = await start(input);
  expect(workflowId).toBe(`${input.run.workflowId}/aftercare/${input.run.firstRun}`);
  const started = await describe(workflowId);
  expect(started).toMatchObject({
    type: 'aftercare',
    open: true,
    searchAttributes: { RolloutPlan: 'drop-it', RolloutTarget: 'agent-api' },
  });
  await start(input);
  expect((await describe(workflowId))?.runId).toBe(started?.runId);
  // Backups of an earlier run of the same workflow id wait for a date of their own.
  const again = await start({ ...input, run: newRun(input.run.workflowId) });
  expect(again.workflowId).not.toBe(workflowId);
  expect(await describe(again.workflowId)).toMatchObject({ open: true });
});

test('a lease is there before maintenance, is replaced without a gap, and ends once', async () => {
  const { workflowId, firstRun } = await startOpenWorkflow(at.client);
  const target = randomUUID();
  const lease = { run: { target, workflowId, firstRun }, environment: 'staging' as const, deadlineMs: 300_000 };
  const id = maintenanceLeaseId(target, 'staging');
  await closeLease(at.temporal, { target, environment: 'staging' }); // there is none

  await openLease(at.temporal, lease);
  const first = await describe(id);
  expect(first).toMatchObject({ type: 'maintenanceLease', open: true, memo: { holder: workflowId } });
  await openLease(at.temporal, { ...lease, deadlineMs: 60_000 });
  const second = await describe(id);
  expect(second?.open).toBe(true);
  expect(second?.runId).not.toBe(first?.runId);
  expect((await at.temporal.startEvent(second!)).input).toEqual([{ ...lease, deadlineMs: 60_000 }]);

  await closeLease(at.temporal, { target, environment: 'staging' });
  await end(id);
  await closeLease(at.temporal, { target, environment: 'staging' });
});
