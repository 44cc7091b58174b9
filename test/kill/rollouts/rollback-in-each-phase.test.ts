import type { WorkflowHandle } from '@temporalio/client';
import { rolloutHaltedIn } from '../../support/faults/aborted-rollout';
import { replay } from '../../support/workflows/histories';
import { startHaltingWorkers, type HaltingWorkers, type HaltOrder } from '../../support/faults/halting-workers';
import { approvedToItsEnd, orderRollback } from '../../support/stages/ordered-rollback';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { releaseAfter, stepsBeforeTheDrop } from '../../support/stages/steps-before-the-drop';
import { until } from '../../support/looks/until';
import { isAtWork, leftOpen, observedStateOf, type SeenState } from '../../support/stages/observed';

jest.setTimeout(240_000);

let stage: RolloutStage;
let workers: HaltingWorkers;
let before: SeenState;
let rowsBefore: unknown[];

async function open(): Promise<void> {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  workers = await startHaltingWorkers(stage);
  before = await observedStateOf(stage, 'production');
  rowsBefore = await plannedRows();
}

async function close(): Promise<void> {
  await workers.close();
  await stage.close();
}

beforeAll(open);
afterEach(async () => {
  if (await isAtWork(stage)) await close().then(open); // one failure stays one
});
afterAll(close);

const steps = stepsBeforeTheDrop();

const stateOf = async ({ workflowId }: WorkflowHandle): Promise<unknown> => {
  const sql = 'select state from rubicon.rollout where workflow_id = $1';
  return (await stage.databases.production.query(sql, [workflowId]))[0]?.['state'];
};

/** Whatever the place of a column is: one that came back stands at the end. */
const plannedRows = (): Promise<unknown[]> =>
  stage.databases.production.query(
    `select * from (select 'sessions' as of, to_jsonb(s) as row from sessions s
       union all select 'assistants', to_jsonb(a) from assistants a) as planned order by of, row->>'id'`,
  );

const isOther = (row: object): boolean => !/"table":"(?:sessions|assistants)"/.test(JSON.stringify(row));

async function expectAsBefore(): Promise<void> {
  const { rows, ...now } = await observedStateOf(stage, 'production');
  const { rows: _, ...then } = before;
  expect(now).toEqual(then);
  expect(rows.filter(isOther)).toEqual(before.rows.filter(isOther));
  expect(await plannedRows()).toEqual(rowsBefore);
}

async function expectQuiet(...handles: WorkflowHandle[]): Promise<void> {
  await until(async () => (await leftOpen(stage)).length === 0);
  for (const handle of handles) await replay(await handle.fetchHistory(), handle.workflowId);
}

test.each(steps)('a rollback that is ordered in "%s" makes the rollout put back what it did, and end', async (step) => {
  const { handle, go } = await rolloutHaltedIn(stage, workers, { step });
  const back = await orderRollback(stage, handle);
  const result = await approvedToItsEnd(stage, back);
  const ended = await stage.resultOf(handle);
  go();

  expect(result).toMatchObject({ outcome: 'aborted', because: expect.stringContaining('nothing was dropped yet') });
  expect(ended).toMatchObject({ outcome: 'aborted', because: expect.stringContaining(back.workflowId) });
  expect(await observedStateOf(stage, 'production')).toEqual({ ...before, release: releaseAfter(step) });
  // Its state row is there from the gate on.
  const mayHaveNone = steps.indexOf(step) <= steps.indexOf('approval: production');
  expect(mayHaveNone ? [undefined, 'aborted'] : ['aborted']).toContain(await stateOf(handle));
  await expectQuiet(handle, back);
});

const afterTheDrop: HaltOrder[] = [
  { step: 'production: drop', activity: 'drop', moment: 'after' },
  { step: 'production: verify and probe' },
  { step: 'production: monitor' },
];

test.each(afterTheDrop)('a rollback that is ordered in "$step", after the drop, takes it back', async (order) => {
  const { handle, go } = await rolloutHaltedIn(stage, workers, order);
  const back = await orderRollback(stage, handle);
  const result = await approvedToItsEnd(stage, back, go);

  expect(result).toMatchObject({ outcome: 'rolled-back' });
  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'rolled-back' });
  await expectAsBefore();
  expect(await stateOf(handle)).toBe('rolled-back');
  await expectQuiet(handle, back);
});

test('two rollbacks at once: one takes it back, the other finds that done', async () => {
  const { handle, go } = await rolloutHaltedIn(stage, workers, { step: 'production: monitor' });
  const [one, other] = await Promise.all([orderRollback(stage, handle), orderRollback(stage, handle)]);
  const results = await Promise.all([approvedToItsEnd(stage, one, go), approvedToItsEnd(stage, other, go)]);

  expect(results.map(({ outcome }) => outcome).sort()).toEqual(['rolled-back', 'stopped']);
  await expectAsBefore();
  expect(await stateOf(handle)).toBe('rolled-back');
  await expectQuiet(handle, one, other);
});
