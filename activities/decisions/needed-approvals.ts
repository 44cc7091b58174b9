import type { Plan } from '../../contract/plan/plan';
import { stricter } from '../../contract/run/decisions';
import type { Policy } from './policy';

/**
 * Approvals of production by role: the stricter of plan and policy. Whoever overrides the policy's windows and freezes needs one more.
 *
 * @param override why, in the words of the order; undefined = it keeps to them
 */
export function neededApprovals(
  policy: Pick<Policy, 'approvals' | 'override'>,
  { approvals }: Pick<Plan, 'approvals'>,
  override: string | undefined,
): Record<string, number> {
  const needs = stricter(approvals, policy.approvals);
  const [first] = Object.keys(policy.approvals);
  const role = policy.override ?? first;
  if (override === undefined || role === undefined) return needs;
  return { ...needs, [role]: (Object.hasOwn(needs, role) ? (needs[role] ?? 0) : 0) + 1 };
}
