import type { OutOfUseInput } from '../../../contract/activities/effect-inputs';
import type { DropReceipt, HideReceipt } from '../../../contract/run/receipts';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { permanent } from '../../../contract/run/failures';
import type { Plan, PlanVerb } from '../../../contract/plan/plan';
import { nameOfRemoval } from '../../../contract/plan/removals';
import type { DataState } from '../../../contract/run/observed-state';
import { turnDropped } from '../../../sql/state';
import { writeDroppedRecord } from '../../catalogue/dropped-record';
import { decidesAlone } from '../../environment/environment';
import type { Session } from '../../environment/session';
import { inDdlSession, type DdlStep } from '../../schema-change/exclusive-session';
import { readRow } from '../../state/observe-state';
import { requireAction } from '../../actions/migrate-by-action';
import { performAction } from '../../actions/perform-action';
import { allowAfterDrop, allowDrop, allowReversibly } from '../../decisions/rollout-decisions';
import { noteHidden, noteOpened, requireTried } from '../../state/trial';
import { stateOfExternal, externalStates, type ExternalVerb } from '../../state/external-state';
import { ddlLimits } from '../../schema-change/acquire-with-retry';
import { requireSeals } from '../require-seals';
import { requireServing } from '../require-serving';
import type { At, DropOrder, Effects } from './kind';

/**
 * Something outside the database, which the platform takes out of use, back, and away by actions of the settings. The state
 * row in the database says what was decided.
 */
export const external: Effects = {
  hide,
  unhide,
  drop,
  // Decided to be gone, or never taken out of use by us: then it is not ours to open.
  isOursToOpen: (row, hidBegun) => row !== 'dropped' && hidBegun,
  isDroppedAgain: false, // only its own action drops it; a drop that failed there is asked about
};

/** Out of use. @throws `WrongState`, `NotDecided`, `ActionFailed` */
function hide({ deps, environment, signal }: At, order: OutOfUseInput): Promise<HideReceipt> {
  return inDdlSession(environment, once('hide', order), async (client) => {
    await withTransaction(client, ddlLimits(order.plan), () => allowReversibly({ client, environment }, deps, order));
    const state = await stateOfExternal({ environment, signal }, order.plan);
    await noteHidden(client, order.run, state === 'hidden');
    if (state !== 'hidden') {
      if (state !== 'present') throw wrong('in use', state);
      await perform({ environment, signal }, order.plan, 'hide');
    }
    return { hiddenAt: new Date().toISOString(), attempts: 1, heldMs: 0 };
  });
}

/** Back in use, whatever is; what is gone is gone. Returns what was done, in words. */
function unhide(
  { environment, signal }: Omit<Session, 'client'>,
  { run, plan }: Pick<OutOfUseInput, 'run' | 'plan'>,
): Promise<string[]> {
  return inDdlSession(environment, once('unhide', { run, plan }), async (client) => {
    const state = await stateOfExternal({ environment, signal }, plan);
    await noteOpened(client, run);
    if (state === 'present' || state === 'dropped') return [];
    await perform({ environment, signal }, plan, 'unhide');
    return [`back in use: ${plan.removes.map(nameOfRemoval).join(', ')}`];
  });
}

/**
 * Gone. The state row turns first, in a transaction of its own: from then on nothing leads back, and a retry runs the action
 * again until its check holds.
 */
function drop({ deps, environment, signal }: At, order: DropOrder): Promise<DropReceipt> {
  const { run, plan, planDigest } = order;
  return inDdlSession(environment, once('drop', order), async (client) => {
    const state = await stateOfExternal({ environment, signal }, plan);
    if ((await readRow(client, run))?.state !== 'dropped') {
      if (state !== 'hidden') throw wrong('tried without (hidden)', state);
      await requireServing({ environment, signal }, plan);
      await withTransaction(client, ddlLimits(plan), async () => {
        if (!decidesAlone(environment)) await requireTried(client, run, plan);
        await requireSeals({ client, environment }, order);
        await allowDrop({ client, environment }, deps, order);
        await client.query(turnDropped, [run.workflowId, run.firstRun, planDigest]);
        await writeDroppedRecord(client, run, { plan, captured: [] });
      });
    }
    if (state === 'present') throw wrong('hidden or gone', state); // somebody has opened it since
    if (state !== 'dropped') {
      await allowAfterDrop({ client, environment }, deps, order);
      await perform({ environment, signal }, plan, 'drop');
    }
    const droppedAt = (await readRow(client, run))?.changedAt ?? new Date().toISOString();
    return { droppedAt, statements: [`action ${plan.byAction?.drop ?? ''}`], attempts: 1, heldMs: 0 };
  });
}

/** The effect itself does not try again: only its action does. */
const once = (step: DdlStep['step'], { run, plan }: Pick<OutOfUseInput, 'run' | 'plan'>): DdlStep => ({
  step,
  workflowId: run.workflowId,
  plan,
  attempt: 1,
});

async function perform(session: Omit<Session, 'client'>, plan: Plan, verb: ExternalVerb): Promise<void> {
  const { environment, signal } = session;
  const { name, ...action } = requireAction(environment, plan, verb satisfies PlanVerb);
  const aim = `${plan.removes.map(nameOfRemoval).join(', ')} ${externalStates[verb]}`;
  await performAction(environment, action, { aim, name, parameters: { verb }, signal });
  const state = await stateOfExternal(session, plan);
  if (state !== externalStates[verb]) throw wrong(externalStates[verb], state);
}

const wrong = (wanted: string, state: DataState): Error => {
  const found = state === 'inconsistent' ? 'that none of the checks holds, or more than one' : `it ${state}`;
  return permanent(
    'WrongState',
    `expected it to be ${wanted}, found ${found}; look at it and at the checks of its actions, then answer "retry"`,
  );
};
