import { createBackup } from '../../activities/backup';
import { createDrop, type DropDeps } from '../../activities/drop';
import { createProveBackup } from '../../activities/prove-backup';
import type { Run } from '../../contract/decisions';
import type { Plan } from '../../contract/plan';
import type { DropReceipt } from '../../contract/world';
import { decide } from './decided';
import { electorate, firstPlan, newRun, type SampleEnvironment } from './sample-environment';

/** A rollout that stands before its drop: backup proven, plan known. */
export interface ReadyToDrop {
  run: Run;
  plan: Plan;
  planDigest: string;
  /** Id of the proven backup. */
  backup: string;
}

export async function prepareDrop(
  { find }: SampleEnvironment,
  change: Partial<Plan['durations']> = {},
): Promise<ReadyToDrop> {
  const { plan, planDigest } = firstPlan(({ durations }) => ({
    durations: { ...durations, dropGivesUp: '5 s', lockTimeout: '100 ms', ...change },
  }));
  const run = newRun();
  const { id } = await createBackup({ environment: find })({ run, plan, planDigest });
  await createProveBackup({ environment: find })({ run, id });
  return { run, plan, planDigest, backup: id };
}

/** Approved and dropped, as a rollout does it. */
export async function dropNow(stage: SampleEnvironment, ready: ReadyToDrop): Promise<DropReceipt> {
  const deps: DropDeps = { environment: stage.find, electorate };
  if (stage.environment.name === 'staging') return createDrop(deps)(ready);
  const { gate, votes } = await decide(stage.environment, ready, { name: 'production' });
  return createDrop(deps)({ ...ready, gate, votes });
}
