import { appendFileSync } from 'node:fs';
import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../../contract/run/facts';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { captureColumns, readState } from '../../support/looks/database-state';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';

jest.setTimeout(180_000);

let stage: RolloutStage;

beforeAll(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest, durations: { trial: '6 s' } });
  await carryChangeInStaging(stage);
  await stage.work();
});

afterAll(() => stage.close());

const atWork = (facts: Facts, step: string): boolean =>
  facts.steps.some(({ name, state }) => name === step && state === 'running');

/** Somebody still needs the column, and says so in the log. */
function complain(): void {
  const line = { event: 'report failed', level: 'error', timestamp: new Date().toISOString() };
  appendFileSync(stage.environments.production.logFile, `${JSON.stringify(line)}\n`);
}

async function untilTrial(handle: WorkflowHandle): Promise<void> {
  await stage.until(handle, (facts) => atWork(facts, 'production: trial') && facts.waiting?.for === 'trial');
  expect(await captureColumns(stage.databases.production)).toEqual([undefined, undefined]);
}

test('a red trial puts the data back by itself and asks then; a retry begins anew, an abort leaves all as it was', async () => {
  const before = await captureColumns(stage.databases.production);
  const rows = async (): Promise<unknown> =>
    (await readState(stage.databases.production)).rows.filter(({ schema }) => schema === 'public');
  const handle = await stage.start();
  await stage.until(handle, ({ waiting }) => waiting?.for === 'approval', 100_000);
  await stage.approve(handle);
  await untilTrial(handle);

  complain();
  const asked = await stage.until(handle, ({ question }) => question?.step === 'production: trial');
  expect(asked.question?.because.join()).toContain('errors in the log');
  expect(asked.question?.state).toContain('data of production present');
  expect(asked.question?.choices.map(({ choice }) => choice)).toEqual(['retry', 'abort']);
  expect(await captureColumns(stage.databases.production)).toEqual(before);
  const copies = asked.environments.production.copy;
  expect(copies).toBeUndefined(); // one that belongs to another freeze is worth nothing

  const rowsBefore = await rows();
  await stage.decide(handle, 'answer', { choice: 'retry', reason: 'the report was switched off' });
  await untilTrial(handle);
  expect(await stage.decide(handle, 'abort', { reason: 'not today' })).toMatchObject({ accepted: true });
  const result = await stage.resultOf(handle);
  expect(result).toMatchObject({
    outcome: 'aborted',
    because: expect.stringContaining('columns have their names back'),
  });
  expect(await captureColumns(stage.databases.production)).toEqual(before);
  expect(await rows()).toEqual(rowsBefore);
});

test('after it a new rollout begins where that one ended: the new release serves already', async () => {
  const handle = await stage.start({ until: 'preflight' });
  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'preflight-only' });
});
