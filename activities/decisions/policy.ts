import type { ChangeCalendar } from '../../contract/plan/change-calendar';
import type { Plan } from '../../contract/plan/plan';
import { toMs } from '../../contract/text/duration';

/** Who may decide what, from the settings; no plan can weaken it. */
export interface Person {
  /** Key in the settings; what `requestedBy` names. */
  name: string;
  /** Absent = can be sent no code, and so can't vote. */
  slackId?: string;
  email?: string;
  roles: string[];
  /** `age1…`: what is sealed for this person, they alone can open. Not secret. */
  recipient?: string;
}

/** Secret parts are held by the production worker only. */
export interface Policy extends ChangeCalendar {
  /** Approvals a role and count each, e.g. `{ approver: 2 }`. */
  approvals: Record<string, number>;
  /** Role that answers questions and lets a rollback without loss go. */
  onCall: string;
  /** Role of those who receive new keys, where the old ones are in no copy. */
  custodian: string;
  /** Shortest soak, in ms. */
  minimumSoakMs: number;
  /** Role that gives one more approval where an order overrides windows and freezes. Absent = the first of `approvals`. */
  override?: string;
}

/** Key of the codes. `id` names it without revealing it. */
export interface ApprovalKey {
  id: string;
  secret: string;
}

/** How long staging has to be healthy: the longer of policy and plan, in ms. */
export const soakMsOf = ({ minimumSoakMs }: Pick<Policy, 'minimumSoakMs'>, plan: Pick<Plan, 'durations'>): number =>
  Math.max(minimumSoakMs, toMs(plan.durations.soak));
