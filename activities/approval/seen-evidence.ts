import { shorterWaits } from '../../contract/plan/durations';
import type { Plan } from '../../contract/plan/plan';
import { changeAsPlanned } from '../../contract/run/change';
import type { Gate } from '../../contract/run/decisions';
import type { Ahead, GateEvidence } from '../../contract/run/gate-evidence';
import { runLink } from '../../report/temporal-ui/run-link';
import { soakMsOf, type Policy } from '../decisions/policy';

/** What production's worker has looked at itself. */
interface Seen {
  asked: Pick<Gate, 'workflowId' | 'firstRun'>;
  plan: Plan;
  /** Why the order goes past windows and freezes. */
  override: string | undefined;
}

/**
 * What of a claim this worker knows by itself: what the plan removes and how long it waits, what the order wants, and where its own
 * settings say that it can be looked at.
 *
 * @param deps `temporalUi`: page of the namespace; absent = the message has no link
 */
export function seenEvidence(
  { policy, temporalUi }: { policy: Policy; temporalUi?: string | undefined },
  claimed: GateEvidence,
  { asked, plan, override }: Seen,
): GateEvidence {
  const said = { ...claimed, change: changeAsPlanned(plan, claimed.change) };
  for (const name of ['link', 'seals', 'requesterIsClaimed', 'authors'] as const) delete said[name];
  return {
    ...said,
    ...(said.about === 'rollout' && {
      ahead: aheadOf(said.ahead, override),
      shorterWaits: shorterWaits(plan.durations, soakMsOf(policy, plan)),
    }),
    ...(temporalUi !== undefined && { link: runLink(temporalUi, { ...asked, runId: asked.firstRun }) }),
  };
}

const aheadOf = ({ override: _, ...ahead }: Ahead, override: string | undefined): Ahead =>
  override === undefined ? ahead : { ...ahead, override };
