import type { Granted } from '../../contract/run/decisions';
import type { Loaded } from '../../contract/activities/loaded';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { rollbackEvidence } from '../decide/evidence';
import { gate } from '../decide/gate';
import type { Journal } from '../journal/journal';

/** Loss is accepted by as many as the plan needs; where nothing is lost one person on call approves. @throws Stop unless granted */
export const ask = (
  journal: Journal,
  { plan, planDigest, needs, onCall }: Loaded,
  found: RollbackCase,
): Promise<Granted> =>
  gate(journal, {
    name: 'rollback',
    ...(found.loss.rows > 0
      ? { purpose: 'accept-loss' as const, needs }
      : { purpose: 'approve' as const, needs: { [onCall]: 1 } }),
    evidence: rollbackEvidence(journal.facts, found, plan),
    plan,
    planDigest,
  });

/** More loss than was approved is not approved; less is. */
export const sameLoss = (approved: RollbackCase, now: RollbackCase): boolean =>
  now.backup?.id === approved.backup?.id &&
  now.copy?.id === approved.copy?.id &&
  now.newKeys === approved.newKeys &&
  (approved.loss.rows > 0 || now.loss.rows === 0);
