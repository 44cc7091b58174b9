import { withTransaction } from '../../adapters/postgres/transaction';
import type { EffectInput } from '../../contract/activities/effect-inputs';
import { permanent } from '../../contract/run/failures';
import { withDatabase } from '../environment/database';
import { decidesAlone, type Environment } from '../environment/environment';
import type { Session } from '../environment/session';
import { openMaintenance } from '../state/maintenance';
import { requireAllowed, requireDropped, requireOwnDigest } from './rollback-decisions';
import { allowReversibly, requireApprovedPlan, type RolloutDeps } from './rollout-decisions';

/**
 * What is no transaction of the database, such as a change of release, a flush, maintenance or a backup, is allowed by the same
 * decisions as the changes beside it: of a rollout, those that stand; of a rollback, those that its first effect has used. What was
 * begun in a maintenance goes on until its deadline, so that nobody is left half-way when an approval expires. Staging decides by itself.
 *
 * @throws `NotDecided`, `WrongState`
 */
export async function allowEffect(environment: Environment, deps: RolloutDeps, order: EffectInput): Promise<void> {
  if (isOfRollback(order)) requireOwnDigest(order);
  else requireApprovedPlan(order);
  if (decidesAlone(environment)) return;
  await withDatabase(environment, 'decision', async (client) => {
    const session = { client, environment };
    if (!(await isInOwnMaintenance(session, order))) await requireDecided(session, deps, order);
  });
}

/** Whether an order is one of a rollback, which says what it takes back. */
export const isOfRollback = (order: EffectInput): order is Extract<EffectInput, { rollout: unknown }> =>
  'rollout' in order;

async function requireDecided(session: Omit<Session, 'signal'>, deps: RolloutDeps, order: EffectInput): Promise<void> {
  const { client } = session;
  if (!isOfRollback(order)) return withTransaction(client, {}, () => allowReversibly(session, deps, order));
  await requireAllowed(session, deps, order);
  await requireDropped(client, order);
}

/** That this very run has turned on, by a decision, and whose deadline has not passed. */
async function isInOwnMaintenance({ client }: Omit<Session, 'signal'>, { run }: EffectInput): Promise<boolean> {
  const open = await openMaintenance(client);
  return open?.workflowId === run.workflowId && open.firstRun === run.firstRun && !open.isOverdue;
}

/** @throws `NotDecided` where the order lacks what an effect needs in production */
export const noPlan = (what: string): Error =>
  permanent('NotDecided', `expected the plan by whose decision ${what}, found none; nothing was changed`);
