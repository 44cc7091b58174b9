import { stricter } from '../../contract/run/decisions';
import { digestOf } from '../../contract/text/digest';
import { shown, type Fault } from '../../contract/text/faults';
import { invalidInput, rollbackExample, type RollbackOrder } from '../../contract/run/inputs';
import { workflowTypes } from '../../contract/run/names';
import type { Plan } from '../../contract/plan/plan';
import { overriddenDurations } from '../../contract/plan/durations';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { Execution } from '../../adapters/temporal';
import type { LoadDeps } from './control-settings';
import { soakMsOf } from '../decisions/policy';
import { findPlan } from '../statements/find-plan';
import { findTarget, ownFacts, personFaults } from './load-plan';
import { requestersOf } from '../approval/requesters';

/**
 * Finds what an order of a rollback means: the rollout, its target, and its plan where the folders still have it. What
 * Temporal says of a rollout is a hint; the environment's own record decides later. Guards against a way back that
 * is refused for a reason of no weight: a plan that is gone or no longer parses is no fault. Reads only.
 *
 * @throws `InvalidInput` with an unknown rollout, target, plan and person at once
 */
export function createLoadRollback(deps: LoadDeps): ControlActivities['loadRollback'] {
  return async ({ order, workflowId, runId }) => {
    const meant = order.rollout === undefined ? await byTarget(deps, order) : await byWorkflow(deps, order.rollout);
    const target = findTarget(deps, meant.target);
    const faults = [
      ...meant.faults,
      ...('fault' in target && meant.faults.length === 0 ? [target.fault] : []),
      ...personFaults(deps, 'requestedBy', order.requestedBy),
    ];
    if ('fault' in target || faults.length > 0) throw invalidInput('rollback', faults, rollbackExample);

    const { plan, rollout } = meant;
    const { requestedBy } = order;
    return {
      requesters: await requestersOf(deps.temporal, deps.people, { requestedBy, workflowId, runId }),
      needs: stricter(plan?.approvals ?? {}, deps.policy.approvals),
      soakMs: plan === undefined ? deps.policy.minimumSoakMs : soakMsOf(deps.policy, plan),
      durationsOverridden: plan === undefined ? [] : overriddenDurations(plan.durations),
      findings: [],
      ...target.facts,
      ...ownFacts(deps),
      ...(plan && { inFolders: { plan, planDigest: digestOf(plan) } }),
      ...(rollout && { rollout: { workflowId: rollout.workflowId, open: rollout.open } }),
    };
  };
}

/** What an order means, as far as it could be found. */
interface Meant {
  target?: string | undefined;
  plan?: Plan | undefined;
  rollout?: Execution | undefined;
  faults: Fault[];
}

async function byWorkflow(deps: LoadDeps, workflowId: string): Promise<Meant> {
  const rollout = await deps.temporal.describe(workflowId);
  if (rollout === undefined) {
    const message = `expected the workflow id of a rollout, found ${shown(workflowId)}, which Temporal doesn't know; where it is forgotten, send "target" and "plan" instead`;
    return { faults: [{ place: 'rollout', message }] };
  }
  if (rollout.type !== workflowTypes.rollout) {
    const message = `expected a workflow of type "rollout", found ${shown(workflowId)} of type "${rollout.type}"`;
    return { faults: [{ place: 'rollout', message }] };
  }
  const { input } = await deps.temporal.startEvent(rollout);
  const started = (input[0] ?? {}) as { plan?: unknown; target?: unknown };
  const name = rollout.searchAttributes['RolloutPlan'] ?? started.plan;
  const target = rollout.searchAttributes['RolloutTarget'] ?? started.target;
  return {
    rollout,
    target: typeof target === 'string' ? target : undefined,
    plan: typeof name === 'string' ? await usablePlan(deps, name) : undefined,
    faults: [],
  };
}

/** An open rollout first, else the newest. */
async function byTarget(deps: LoadDeps, order: RollbackOrder): Promise<Meant> {
  const { target, plan: name = '' } = order;
  const found = await findPlan(deps.plans, name);
  if ('unknown' in found && found.unknown) return { target, faults: found.faults };
  const isKnown = !('fault' in findTarget(deps, target));
  const rollouts = isKnown ? await deps.temporal.list(rolloutsOf(target ?? '', name), 20) : [];
  return {
    target,
    plan: 'plan' in found ? found.plan : undefined,
    rollout: rollouts.find(({ open }) => open) ?? rollouts[0],
    faults: [],
  };
}

/** Both names are known ones by now, so neither can hold a quote. */
const rolloutsOf = (target: string, plan: string): string =>
  `WorkflowType = "${workflowTypes.rollout}" AND RolloutTarget = "${target}" AND RolloutPlan = "${plan}"`;

async function usablePlan(deps: LoadDeps, name: string): Promise<Plan | undefined> {
  const found = await findPlan(deps.plans, name);
  return 'plan' in found ? found.plan : undefined;
}
