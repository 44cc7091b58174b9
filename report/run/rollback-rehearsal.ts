import { readableDuration } from '../../contract/text/duration';
import { counted } from '../../contract/text/plain-text';
import { traits, type Kind } from '../../contract/plan/kinds';
import type { NotRehearsed, RollbackRehearsal } from '../../contract/run/rollback-rehearsal';

/** How the rollback went that was rehearsed in staging: for approvers, and as the note of its step. */

export function rollbackRehearsalNote(rollback: RollbackRehearsal, kind: Kind): string {
  if ('notCovered' in rollback) return `not covered: ${because[rollback.notCovered]}`;
  return `rolled back in ${readableDuration(rollback.tookMs)}: ${cameBack(rollback, kind)}`;
}

export const rehearsedInStaging = (rollback: RollbackRehearsal, kind: Kind): string =>
  'notCovered' in rollback
    ? `rollback NOT rehearsed in staging: ${because[rollback.notCovered]}`
    : `rollback rehearsed in staging in ${readableDuration(rollback.tookMs)}: ${cameBack(rollback, kind)}; then changed again`;

function cameBack({ rows, placeholders }: Extract<RollbackRehearsal, { rows: number }>, kind: Kind): string {
  const closed = placeholders === 0 ? '' : `, ${placeholders} got an unusable placeholder`;
  const { savedUnit, plural, isFoundBy, hasValues } = traits[kind];
  if (!hasValues) return `${plural} as captured, the old release served`;
  const built = isFoundBy === 'name' ? `, ${plural} as captured` : '';
  return `${counted(rows, savedUnit)} restored${closed}${built}, the old release served`;
}

const because: Record<NotRehearsed, string> = {
  'restore: none': 'the plan says "restore: none", so nothing can be restored after the drop',
  'no deploy action': 'the settings have no action that deploys the old release in staging',
  'no proven backup': 'no proven backup of the earlier rollout whose change staging carries',
  'no values': 'staging holds none of the values to be removed',
};
