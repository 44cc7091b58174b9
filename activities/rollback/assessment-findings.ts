import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { nameOfRemoval, wordFor } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import type { ObservedState } from '../../contract/run/observed-state';
import type { DroppedRecord } from '../catalogue/dropped-record';
import type { Session } from '../environment/session';
import type { FoundBackup } from '../new-keys/find-dropped';
import { rollbackVerbsOf } from './kinds/kinds';

/** Findings of the assessment, each about something that a rollback needs. */

export const noRollback = ({ removes }: Plan): Finding =>
  finding('rollback', false, {
    expected: 'a copy of what was dropped',
    found: `none: the plan says "restore: none" of ${removes.map(nameOfRemoval).join(', ')}`,
    remedy:
      'nothing can be brought back here, as all who approved have read; go back to the old release by your platform',
  });

/** Why the old keys can't come back: one of these reasons may be mended. */
export const unusable = (refused: string[]): Finding => ({
  check: 'copy and backup',
  status: 'not covered',
  expected: 'one of them, whole, with its identity',
  found: refused.join('; ') || 'no file of either',
  remedy: 'bring one of them back as it was: then every client keeps its key',
});

/** What an earlier attempt of a rollback has added is fine: it is as captured. */
export async function checkThere(
  session: Omit<Session, 'signal'>,
  observed: ObservedState,
  record: DroppedRecord | undefined,
): Promise<Finding> {
  let isOurs = record !== undefined && observed.data === 'present';
  if (record !== undefined && isOurs) {
    const { verbs } = rollbackVerbsOf(record.plan, record.captured);
    for (const capture of record.captured) isOurs &&= await verbs.isAsCaptured(session, capture);
  }
  return finding(
    `removed ${record === undefined ? 'data' : wordFor(record.plan)}`,
    observed.data === 'dropped' || isOurs,
    {
      expected: 'not there, or there as captured by an earlier attempt',
      found: isOurs ? 'there as captured' : observed.data,
      remedy: 'someone has added them with another definition: look at them, and drop them if they are empty',
    },
  );
}

export function checkRevision(observed: ObservedState, { revision, byAction }: Plan): Finding[] {
  if (revision === undefined) return [];
  const found = observed.revision ?? 'not one row';
  const remedy = `someone has moved it on: bring the schema back to ${revision.to} first`;
  const facts = { expected: revision.to, found, remedy };
  // An earlier try came so far; or the platform's tool was told to drop them, and has not done it.
  const isOurs =
    observed.revision === revision.from &&
    (observed.writeGuard === true || (observed.data === 'present' && byAction?.drop !== undefined));
  return [finding('revision', observed.revision === revision.to || isOurs, facts)];
}

/** Written by the drop itself, in its transaction. */
export function checkRecord(record: DroppedRecord | undefined): Finding {
  return finding('record of the drop', record !== undefined, {
    expected: 'plan and definitions in rubicon.dropped',
    found: record === undefined ? 'no row of this rollout' : 'there',
    remedy: 'someone has taken it away: bring that row back from a backup of the database',
  });
}

export function checkBackup({ record, refused }: FoundBackup): Finding {
  return finding('backup', record !== undefined, {
    expected: 'a backup of this rollout that is proven and unchanged',
    found: record?.receipt.id ?? (refused.join('; ') || 'none'),
    remedy: "bring the settings' backup folder back as it was (every file is needed)",
  });
}
