import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../../contract/run/facts';
import { recordHistories, replay } from '../workflows/histories';
import { secretsFound } from '../looks/no-secrets';
import type { RolloutStage } from '../stages/rollout-stage';
import { until } from '../looks/until';
import type { WorkerProcesses } from '../servers/worker-processes';
import { leftOpen } from '../stages/observed';

/** Nobody waits, nothing can still act, no secret is where it must not be, and today's code replays every run. */
export async function expectNothingLeft(
  stage: RolloutStage,
  workers: WorkerProcesses,
  runs: readonly WorkflowHandle[],
): Promise<void> {
  let left: string[] = [];
  await until(async () => (left = await leftOpen(stage)).length === 0, 15_000).catch(() => undefined);
  expect(left).toEqual([]);
  expect(workers.scratchLeft()).toEqual([]);

  const told = await Promise.all(runs.map((run) => run.query<Facts>('status')));
  const sent = new Set(told.flatMap(({ votes }) => votes.map(({ code }) => code)));
  const logs = workers.logs();
  expect(logs.match(/worker takes tasks/g)).toHaveLength(workers.started);
  expect(await secretsFound(stage, { texts: { logs }, sent })).toEqual([]);
  for (const { workflowId, history } of await recordHistories(stage.client)) await replay(history, workflowId);
}
