import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withTransaction } from '../../adapters/postgres/transaction';
import { permanent } from '../../contract/run/failures';
import type { Plan, PlanVerb } from '../../contract/plan/plan';
import type { OutOfUseInput } from '../../contract/run/effect-inputs';
import type { DataState } from '../../contract/run/world';
import type { DropReceipt, HideReceipt } from '../../contract/run/receipts';
import { turnDropped } from '../../sql/state';
import { writeDroppedRecord } from '../state/dropped-record';
import type { Environment } from '../environment/environment';
import { inDdlSession } from '../schema-change/fence';
import { readRow } from '../state/look-at-world';
import { requireAction } from '../actions/migrate-by-action';
import { performAction } from '../actions/perform-action';
import { allowAfterDrop, allowDrop, allowReversibly, type RolloutDeps } from '../approval/rollout-decisions';
import { stateOfThings, thingStates, type ThingVerb } from '../state/thing-state';
import { ddlLimits } from '../schema-change/win-lock';
import type { OfKnownPlan } from '../statements/of-known-plan';

/**
 * Things outside the database, which the platform takes out of use, back, and away by actions of the settings. The state
 * row in the database says what was decided.
 */

/** Out of use. @throws `WrongWorld`, `NotDecided`, `ActionFailed` */
export function hideThings(
  deps: RolloutDeps,
  environment: Environment,
  order: OutOfUseInput,
  signal: AbortSignal,
): Promise<HideReceipt> {
  return inSession(environment, 'hide', order, async (client) => {
    await withTransaction(client, ddlLimits(order.plan), () => allowReversibly(client, deps, environment, order));
    const state = await stateOfThings(environment, order.plan, signal);
    if (state !== 'hidden') {
      if (state !== 'present') throw wrong('in use', state);
      await perform(environment, order.plan, 'hide', signal);
    }
    return { hiddenAt: new Date().toISOString(), attempts: 1, heldMs: 0 };
  });
}

/** Back in use, whatever is; what is gone is gone. Returns what was done, in words. */
export function unhideThings(
  environment: Environment,
  { run, plan }: Pick<OutOfUseInput, 'run' | 'plan'>,
  signal: AbortSignal,
): Promise<string[]> {
  return inSession(environment, 'unhide', { run, plan }, async () => {
    const state = await stateOfThings(environment, plan, signal);
    if (state === 'present' || state === 'dropped') return [];
    await perform(environment, plan, 'unhide', signal);
    return [`back in use: ${plan.removes.map(({ thing }) => thing).join(', ')}`];
  });
}

/**
 * Gone. The state row turns first, in a transaction of its own: from then on nothing leads back, and a retry runs the action
 * again until its check holds.
 */
export function dropThings(
  deps: RolloutDeps,
  environment: Environment,
  order: OfKnownPlan<'drop'>,
  signal: AbortSignal,
): Promise<DropReceipt> {
  const { run, plan, planDigest } = order;
  return inSession(environment, 'drop', order, async (client) => {
    const state = await stateOfThings(environment, plan, signal);
    if ((await readRow(client, run))?.state !== 'dropped') {
      if (state !== 'hidden') throw wrong('tried without (hidden)', state);
      await withTransaction(client, ddlLimits(plan), async () => {
        await allowDrop(client, deps, environment, order);
        await client.query(turnDropped, [run.workflowId, run.firstRun, planDigest]);
        await writeDroppedRecord(client, run, { plan, captured: [] });
      });
    }
    if (state === 'present') throw wrong('hidden or gone', state); // somebody has opened it since
    if (state !== 'dropped') {
      await allowAfterDrop(client, deps, environment, order);
      await perform(environment, plan, 'drop', signal);
    }
    const droppedAt = (await readRow(client, run))?.changedAt ?? new Date().toISOString();
    return { droppedAt, statements: [`action ${plan.byAction?.drop ?? ''}`], attempts: 1, heldMs: 0 };
  });
}

const inSession = <T>(
  environment: Environment,
  step: 'hide' | 'unhide' | 'drop',
  { run, plan }: Pick<OutOfUseInput, 'run' | 'plan'>,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> => inDdlSession(environment, { step, workflowId: run.workflowId, plan, attempt: 1 }, work);

async function perform(environment: Environment, plan: Plan, verb: ThingVerb, signal: AbortSignal): Promise<void> {
  const { name, ...action } = requireAction(environment, plan, verb satisfies PlanVerb);
  const aim = `${plan.removes.map(({ thing }) => thing).join(', ')} ${thingStates[verb]}`;
  await performAction(environment, action, { aim, name, parameters: { verb }, signal });
  const state = await stateOfThings(environment, plan, signal);
  if (state !== thingStates[verb]) throw wrong(thingStates[verb], state);
}

const wrong = (wanted: string, state: DataState): Error => {
  const found = state === 'partly' ? 'that none of the checks holds, or more than one' : `it ${state}`;
  return permanent(
    'WrongWorld',
    `expected it to be ${wanted}, found ${found}; look at it and at the checks of its actions, then answer "retry"`,
  );
};
