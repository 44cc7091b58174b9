import { createDrop } from '../../../activities/removal/drop';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFreeze } from '../../../activities/removal/freeze';
import { createHide } from '../../../activities/removal/hide';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import type { RolloutDeps } from '../../../activities/decisions/rollout-decisions';
import type { Electorate } from '../../../activities/decisions/voters';
import type { Granted, Run } from '../../../contract/run/decisions';
import type { Plan } from '../../../contract/plan/plan';
import { traitsOf } from '../../../contract/plan/removals';
import type { DropReceipt } from '../../../contract/run/receipts';
import { takeApprovedBackup } from './approved-backup';
import { decide, type Decided } from './decided';
import { proveWithoutServer } from './prove-without-server';
import { electorate, firstPlan, newRun, type SampleEnvironment } from './sample-environment';
import { tried } from './tried';

/** A rollout that stands before its freeze: backup proven, plan known. */
export interface Prepared {
  run: Run;
  plan: Plan;
  planDigest: string;
  /** Id of the proven backup. */
  backup: string;
}

/** A rollout that stands before its drop: frozen, copied, hidden. */
export interface ReadyToDrop extends Prepared {
  /** Id of the final copy; empty of what has no values. */
  copy: string;
  decision?: Granted;
}

export const prepareDrop = (stage: SampleEnvironment, change: Partial<Plan['durations']> = {}): Promise<Prepared> =>
  prepare(stage, change, (run, id) => createProveBackup({ environment: stage.find })({ run, id }));

/** The same, for tests about what follows: nobody has restored the backup, which takes longer than all the rest. */
export const prepareDropUnrestored = (
  stage: SampleEnvironment,
  change: Partial<Plan['durations']> = {},
): Promise<Prepared> => prepare(stage, change, (_, id) => proveWithoutServer(stage.environment, id));

async function prepare(
  { environment }: SampleEnvironment,
  change: Partial<Plan['durations']>,
  prove: (run: Run, id: string) => Promise<unknown>,
): Promise<Prepared> {
  const { plan, planDigest } = firstPlan(({ durations }) => ({
    durations: { ...durations, lockGivesUp: '5 s', lockTimeout: '100 ms', ...change },
  }));
  const run = newRun();
  const { id } = await takeApprovedBackup(environment, { run, plan, planDigest });
  await prove(run, id);
  return { run, plan, planDigest, backup: id };
}

/** Approved (in production), frozen, copied and hidden, as a rollout does it; tried without, as if for a day. */
export async function takeOutOfUse(
  stage: SampleEnvironment,
  prepared: Prepared,
  decided?: Pick<Decided, 'decision'> & { who?: Electorate },
): Promise<ReadyToDrop> {
  const deps: RolloutDeps = { environment: stage.find, electorate: decided?.who ?? electorate };
  const isStaging = stage.environment.name === 'staging';
  const granted =
    decided ?? (isStaging ? undefined : await decide(stage.environment, prepared, { name: 'production' }));
  const order = { ...prepared, ...(granted && { decision: granted.decision }) };
  if (!traitsOf(order.plan).hasValues) {
    await createHide(deps)(order);
    await tried(stage.environment, order);
    return { ...order, copy: '' };
  }
  const { id: freeze } = await createFreeze(deps)(order);
  const { id: copy } = await createFinalCopy(deps)({ ...order, freeze });
  await createHide(deps)({ ...order, copy });
  await tried(stage.environment, order);
  return { ...order, copy };
}

/** Out of use and dropped, as a rollout does it. */
export async function dropNow(stage: SampleEnvironment, prepared: Prepared): Promise<DropReceipt> {
  return createDrop({ environment: stage.find, electorate })(await takeOutOfUse(stage, prepared));
}
