import { expectNothingLeft } from '../../support/faults/after-a-kill';
import { droppedOnce, seenByAudit } from '../../support/looks/audit';
import { captureColumns } from '../../support/looks/database-state';
import { rolloutKilledAt, type Place } from '../../support/faults/killed-rollout';
import { holdLock, untilConnected, untilWaiting, waitingSessions } from '../../support/looks/obstacles';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { startWorkerProcesses, type WorkerProcesses } from '../../support/servers/worker-processes';
import { until } from '../../support/looks/until';
import { observedStateOf } from '../../support/stages/observed';

jest.setTimeout(300_000);

let stage: RolloutStage;
let workers: WorkerProcesses;

beforeEach(async () => {
  stage = await openRolloutStage({ changePlan: quickLoadTest });
  workers = await startWorkerProcesses(stage);
});

afterEach(async () => {
  await workers.close();
  await stage.close();
});

const places: Place[] = ['soak', 'gate', 'backup', 'proof', 'new release', 'trial', 'drop', 'monitor'];

test.each(places)('a worker dies in "%s", another one takes over, and the drop happens once', async (place) => {
  const { handle, facts } = await rolloutKilledAt(stage, workers, [place]);

  expect(facts).toMatchObject({ outcome: 'done', warnings: [] });
  expect(workers.started).toBe(2);
  expect(await seenByAudit(stage.databases.production)).toMatchObject(droppedOnce);
  expect(await observedStateOf(stage, 'production')).toMatchObject({
    ...{ columns: [undefined, undefined], revision: '20260208_000007', release: 'phase3', maintenance: false },
  });
  await expectNothingLeft(stage, workers, [handle]);
});

test('an abort is heard within seconds by a dump that waits for somebody else', async () => {
  const { production } = stage.databases;
  const before = await observedStateOf(stage, 'production');
  const handle = await stage.start();
  await stage.until(handle, ({ waiting }) => waiting?.for === 'approval');
  const writer = await holdLock(production, 'lock table usage_events in access exclusive mode');
  await stage.approve(handle);
  const dump = 'rubicon agent-api production backup dump %';
  await untilWaiting(production, dump);
  const startedAt = Date.now();
  expect(await stage.decide(handle, 'abort', { reason: 'not today' })).toMatchObject({ accepted: true });
  await until(async () => (await waitingSessions(production, dump)).length === 0, 15_000); // while the writer goes on
  expect(Date.now() - startedAt).toBeLessThan(15_000);
  await writer.lift();

  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'aborted' });
  expect(await observedStateOf(stage, 'production')).toEqual(before);
  await expectNothingLeft(stage, workers, [handle]);
});

test('a worker dies in the middle of a rollback that fills keys back: every key comes back', async () => {
  const { production } = stage.databases;
  const keys = (): Promise<unknown[]> =>
    production.query(
      `select id::text, owner_api_key, owner_api_key_hash from sessions
       union all select id::text, owner_api_key, owner_api_key_hash from assistants order by 1`,
    );
  const before = await keys();
  const columnsBefore = await captureColumns(production);
  const { handle } = await rolloutKilledAt(stage, workers, []);
  const back = await stage.client.workflow.start('rollback', {
    ...{ taskQueue: 'rubicon', workflowId: `${handle.workflowId}/rollback` },
    args: [{ rollout: handle.workflowId, requestedBy: 'maria', reason: 'clients report 401' }],
  });
  await stage.approve(back);
  await until(async () => (await captureColumns(production)).every((column) => column !== undefined));
  // Somebody writes a row for so long that the fill, which goes around such rows, can't end.
  const writer = await holdLock(
    production,
    'select from sessions where owner_api_key_hash is not null limit 1 for update',
  );
  await untilConnected(production, '% fill');
  await workers.replace(() => writer.lift());

  expect(await stage.resultOf(back)).toMatchObject({ outcome: 'rolled-back' });
  expect(await captureColumns(production)).toEqual(columnsBefore);
  expect(await keys()).toEqual(before);
  expect(await observedStateOf(stage, 'production')).toMatchObject({
    ...{ revision: '20260201_000006', release: 'phase2', maintenance: false },
  });
  await expectNothingLeft(stage, workers, [handle, back]);
});
