import { restricts } from '../../contract/plan/change-calendar';
import { digestOf } from '../../contract/text/digest';
import { shown, type Fault } from '../../contract/text/faults';
import { invalidInput, rolloutExample, type RolloutOrder } from '../../contract/run/inputs';
import { suggestion } from '../../contract/text/nearest';
import { overriddenDurations } from '../../contract/plan/durations';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { Loaded } from '../../contract/activities/loaded';
import { checkQuorum } from '../preflight/check-quorum';
import { neededApprovals } from '../decisions/needed-approvals';
import { checkWindows } from '../preflight/check-windows';
import type { ControlSettings, LoadDeps } from './control-settings';
import { soakMsOf } from '../decisions/policy';
import { findPlan } from '../statements/find-plan';
import { authorsOf, requestersOf } from '../approval/requesters';

/**
 * Reads and freezes the plan, and finds out who stands behind the order. Guards against a plan that changes under a
 * rollout: everything later works with what is returned here, by its digest. Reads only; a second run may find another
 * file, but a workflow keeps the first answer.
 *
 * @throws `InvalidInput` with an unknown plan, target and person, and all faults of the plan, at once
 */
export function createLoadPlan(deps: LoadDeps): ControlActivities['loadPlan'] {
  return async ({ order, workflowId, runId }) => {
    const found = await findPlan(deps.plans, order.plan);
    const target = findTarget(deps, order.target);
    const faults = [
      ...('faults' in found ? found.faults : []),
      ...('fault' in target ? [target.fault] : []),
      ...personFaults(deps, 'requestedBy', order.requestedBy),
      ...overrideFaults(deps, order),
      ...('plan' in found ? authorsOf(found.plan, order) : []).flatMap((author) =>
        personFaults(deps, 'author', author),
      ),
    ];
    if ('faults' in found || 'fault' in target || faults.length > 0)
      throw invalidInput('rollout', faults, rolloutExample);

    const { plan } = found;
    const { requestedBy } = order;
    const asked = await requestersOf(deps.temporal, deps.people, { requestedBy, workflowId, runId });
    const requesters = [...new Set([...asked, ...authorsOf(plan, order)])];
    const { override } = order;
    const needs = neededApprovals(deps.policy, plan, override);
    const soakMs = soakMsOf(deps.policy, plan);
    return {
      plan,
      planDigest: digestOf(plan),
      durationsOverridden: overriddenDurations(plan.durations),
      soakMs,
      requesters,
      needs,
      findings:
        order.until === undefined
          ? [
              checkQuorum(needs, deps.people, requesters),
              ...(override === undefined ? checkWindows(deps.policy, plan, { soakMs, now: new Date() }) : []),
            ]
          : [],
      ...target.facts,
      ...ownFacts(deps),
      ...(override === undefined && restricts(deps.policy) && { hasWindows: true }),
    };
  };
}

/** What does not depend on the order. */
export const ownFacts = ({
  policy,
  keepBackupsMs,
  temporalUi,
  webhooks = [],
  mail,
  hasSlack = false,
}: ControlSettings): Pick<
  Loaded,
  'onCall' | 'custodian' | 'keepBackupsMs' | 'temporalUi' | 'checksChannels' | 'delivers'
> => ({
  onCall: policy.onCall,
  custodian: policy.custodian,
  keepBackupsMs,
  ...(temporalUi === undefined ? {} : { temporalUi }),
  ...((hasSlack || webhooks.length > 0 || mail !== undefined) && { checksChannels: true }),
  ...((webhooks.length > 0 || mail !== undefined) && { delivers: true }),
});

/** The named target, or the only one. */
export function findTarget(
  { targets }: ControlSettings,
  name: string | undefined,
): { facts: Pick<Loaded, 'target' | 'covered'> } | { fault: Fault } {
  const names = targets.map((target) => target.name);
  const [only, another] = targets;
  const found = name === undefined && another === undefined ? only : targets.find((target) => target.name === name);
  if (found !== undefined) return { facts: { target: found.name, covered: found.covered } };
  if (name === undefined)
    return { fault: { place: 'target', message: `missing; expected one of ${names.join(', ')}` } };
  return { fault: { place: 'target', message: `expected a target, found ${shown(name)}${suggestion(name, names)}` } };
}

/** One more approval for nothing would puzzle whoever is asked for it. */
const overrideFaults = ({ policy }: ControlSettings, { override }: Pick<RolloutOrder, 'override'>): Fault[] =>
  override === undefined || restricts(policy)
    ? []
    : [{ place: 'override', message: 'expected windows or freezes in the policy, found none; leave it out' }];

/** Whoever asks, or has written the plan, and is nobody could vote under another name. */
export function personFaults({ people }: ControlSettings, place: 'requestedBy' | 'author', person: string): Fault[] {
  const names = people.map(({ name }) => name);
  if (names.includes(person)) return [];
  return [{ place, message: `expected a person, found ${shown(person)}${suggestion(person, names)}` }];
}
