import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPlanActions } from '../../../activities/preflight/check-plan-actions';
import { createCheckStructure } from '../../../activities/structure-checks/check-structure';
import { createDrop } from '../../../activities/removal/drop';
import { createHide } from '../../../activities/removal/hide';
import { createObserveState } from '../../../activities/state/observe-state';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { createVerifyDropped } from '../../../activities/removal/verify-dropped';
import { obstacles } from '../../../contract/run/findings';
import { decide } from '../../support/stages/decided';
import { rollbackVerbsOf } from '../../support/stages/dropped';
import { bucket, bucketActions } from '../../support/inputs/plan-kinds';
import {
  electorate,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { tried } from '../../support/stages/tried';

// A directory that stands for a bucket: actions alone, and nothing brings it back.

const { plan, planDigest } = bucket;
let stage: SampleEnvironment;
let folder: string;
let order: Parameters<ReturnType<typeof createDrop>>[0];
beforeEach(async () => {
  stage = await openSampleEnvironment();
  folder = mkdtempSync(join(tmpdir(), 'rubicon-test-bucket-'));
  mkdirSync(join(folder, 'old-exports'), { mode: 0o700 });
  writeFileSync(join(folder, 'old-exports', 'one.csv'), 'a,b');
  stage.environment.application.planActions = Object.fromEntries(
    Object.entries(bucketActions(folder)).map(([name, { command, check }]) => [
      name,
      { action: { command }, check, limitMs: 10_000 },
    ]),
  );
  const run = newRun();
  const decided = await decide(stage.environment, { run, plan, planDigest }, { name: 'production' });
  order = { run, plan, planDigest, ...decided };
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stage.close();
});

const deps = () => ({ environment: stage.find, electorate });
const stateNow = async () => {
  const look = createObserveState({ environment: stage.find });
  const { data, row } = await look({
    target: 'agent-api',
    run: order.run,
    removes: plan.removes,
    release: plan.release,
    byAction: plan.byAction,
  });
  return { data, row };
};
const dropped = () => createVerifyDropped({ environment: stage.find })({ target: 'agent-api', ...plan });
const wrong = { type: 'WrongState' };

test('out of use, then gone, each once; afterwards a rollback says that there is no way back', async () => {
  const structure = createCheckStructure({ environment: stage.find });
  expect(obstacles(await structure({ target: 'agent-api', ...plan, dropped: false }))).toEqual([]);
  await expect(createDrop(deps())(order)).rejects.toMatchObject(wrong); // not tried without
  for (const _ of [1, 2]) await createHide(deps())(order);
  await expect(createDrop(deps())(order)).rejects.toMatchObject(wrong); // not for long enough
  await tried(stage.environment, order);
  expect(await stateNow()).toEqual({ data: 'hidden', row: 'open' });
  expect(obstacles(await dropped())).toMatchObject([{ check: 'bucket old-exports', found: 'hidden' }]);
  for (const _ of [1, 2]) await createDrop(deps())(order);
  expect(await stateNow()).toEqual({ data: 'dropped', row: 'dropped' });
  expect(existsSync(join(folder, 'old-exports'))).toBe(false);
  expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('deny\ndelete\n');
  expect(obstacles(await dropped())).toEqual([]);

  await expect(createUndoRemoval(deps())({ ...order, hidBegun: true })).resolves.toEqual([
    'state row "dropped"',
    'data of production dropped',
    `release ${plan.release.to} stays: going back from it is a rollback`,
  ]);

  const assessed = await rollbackVerbsOf(stage).assessRollback({ target: 'agent-api', rollout: order.run.workflowId });
  expect(obstacles(assessed.findings)).toMatchObject([
    { check: 'rollback', found: 'none: the plan says "restore: none" of bucket old-exports' },
  ]);
});

test('an end before the drop brings it back in use, and no drop of this run is possible any more', async () => {
  await createHide(deps())(order);
  await expect(createUndoRemoval(deps())({ ...order, hidBegun: true })).resolves.toEqual([
    'no drop of this run is possible any more',
    'back in use: bucket old-exports',
    'data of production present',
  ]);
  expect(statSync(join(folder, 'old-exports')).mode & 0o777).toBe(0o700);
  await expect(createHide(deps())(order)).rejects.toMatchObject(wrong);
  await expect(createDrop(deps())(order)).rejects.toMatchObject(wrong);
  expect(existsSync(join(folder, 'old-exports'))).toBe(true);
});

test('a deletion that stops half-way goes on, and nobody opens what is left of it', async () => {
  await createHide(deps())(order);
  await tried(stage.environment, order);
  const { 'delete-exports': deletion } = stage.environment.application.planActions ?? {};
  const whole = deletion?.action;
  Object.assign(deletion ?? {}, { action: { command: ['false'] }, limitMs: 1_500 });
  await expect(createDrop(deps())(order)).rejects.toMatchObject({ type: 'ActionFailed' });
  expect(await stateNow()).toEqual({ data: 'hidden', row: 'dropped' });
  await createUndoRemoval(deps())({ ...order, hidBegun: true });
  expect(await stateNow()).toEqual({ data: 'hidden', row: 'dropped' });
  Object.assign(deletion ?? {}, { action: whole });
  await createDrop(deps())(order);
  expect(await stateNow()).toEqual({ data: 'dropped', row: 'dropped' });
});

test('what somebody else has closed stays closed: an end before it was hidden opens nothing', async () => {
  chmodSync(join(folder, 'old-exports'), 0);
  await createUndoRemoval(deps())(order);
  expect(await stateNow()).toMatchObject({ data: 'hidden' });
});

test('what none of the checks knows is unknown, and nothing is done to it; an action that does nothing is told', async () => {
  chmodSync(join(folder, 'old-exports'), 0o755);
  expect(await stateNow()).toMatchObject({ data: 'inconsistent' });
  await expect(createHide(deps())(order)).rejects.toMatchObject(wrong);
  chmodSync(join(folder, 'old-exports'), 0o700);
  const { 'deny-exports': deny } = stage.environment.application.planActions ?? {};
  Object.assign(deny ?? {}, { action: { command: ['true'] }, limitMs: 1_500 });
  await expect(createHide(deps())(order)).rejects.toMatchObject({
    ...{ type: 'ActionFailed', message: expect.stringContaining('expected bucket old-exports hidden within 1.5 s') },
  });
});

test('without decisions nothing is done, and an action that nobody can check is named in preflight', async () => {
  const { decision: _, ...undecided } = order;
  await expect(createHide(deps())(undecided)).rejects.toMatchObject({ type: 'NotDecided' });
  expect(await stateNow()).toMatchObject({ data: 'present' });
  delete stage.environment.application.planActions?.['delete-exports']?.check;
  const found = checkPlanActions(stage.environment, plan);
  expect(obstacles(found)).toMatchObject([{ check: 'check of the action "delete-exports"', found: 'none' }]);
});
