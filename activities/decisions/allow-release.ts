import type { EffectInput } from '../../contract/activities/effect-inputs';
import { permanent } from '../../contract/run/failures';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { withDatabase } from '../environment/database';
import { decidesAlone, type Environment } from '../environment/environment';
import type { Session } from '../environment/session';
import { openMaintenance } from '../state/maintenance';
import { dataState, readRow } from '../state/observe-state';
import { isGuarded } from '../state/read-write-guard';
import { allowEffect, isOfRollback } from './allow-effect';
import type { RolloutDeps } from './rollout-decisions';

/**
 * Which release a run may bring into production: the plan's new one, and the old one only where no row is open to everybody under
 * it. A rollout goes back to it within the maintenance in which it was taken out of service; a rollback once the data is back, behind
 * its write guard.
 *
 * @returns its name
 * @throws `NotDecided`, `WrongState`
 */
export async function allowRelease(
  environment: Environment,
  deps: RolloutDeps,
  order: EffectInput & { serves: 'from' | 'to' },
): Promise<string> {
  const { serves, plan } = order;
  const isOld = serves === 'from';
  if (!isOld && serves !== 'to')
    throw permanent(
      'InvalidInput',
      `expected "from" or "to", one of the plan's releases, found ${JSON.stringify(serves).slice(0, 80)}; nothing was changed; start the rollout again`,
    );
  await allowEffect(environment, deps, order);
  if (isOld && !decidesAlone(environment))
    await withDatabase(environment, 'old release', (client) => requireOldAllowed({ client, environment }, order));
  return plan.release[serves];
}

const requireOldAllowed = (session: Omit<Session, 'signal'>, order: EffectInput): Promise<void> =>
  isOfRollback(order) ? requireBack(session, order) : requireServedBefore(session, order);

async function requireServedBefore({ client }: Omit<Session, 'signal'>, { run, plan }: EffectInput): Promise<void> {
  const open = await openMaintenance(client);
  const isOwn = open?.workflowId === run.workflowId && open.firstRun === run.firstRun;
  if (isOwn && !open.isOverdue && open.served === plan.release.from) return;
  throw refused(
    `a maintenance of this rollout before which "${plan.release.from}" served`,
    open === undefined ? 'none' : `one of ${open.workflowId} before which ${open.served ?? 'nothing known'} served`,
  );
}

async function requireBack(
  session: Omit<Session, 'signal'>,
  { plan, rollout }: Extract<EffectInput, { rollout: unknown }>,
): Promise<void> {
  const { client } = session;
  const row = await readRow(client, rollout);
  const data = await dataState(session, plan);
  const isSafe = !traitsOf(plan).hasValues || row?.state === 'rolled-back' || (await isGuarded(client, plan));
  if (data === 'present' && isSafe) return;
  throw refused(
    `the ${wordFor(plan)} back, with their write guard, before the old release serves`,
    `them ${data}${isSafe ? '' : ', without the guard'}`,
  );
}

const refused = (expected: string, found: string): Error =>
  permanent(
    'WrongState',
    `expected ${expected}, found ${found}; no release was changed; answer "abort", or start the rollback`,
  );
