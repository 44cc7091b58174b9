import { permanent } from '../../contract/run/failures';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { findWholeCopy } from '../backup/copy-values';
import type { Session } from '../environment/session';
import { findProven } from './find-dropped';
import { readRow } from '../state/observe-state';

/**
 * New keys are for nobody who could have the old ones: somebody may have brought copy or backup back since the loss was
 * accepted.
 *
 * @throws `WrongState`
 */
export async function requireNoOtherSource(session: Session, { rollout, planDigest }: RestoreInput): Promise<void> {
  const row = await readRow(session.client, rollout);
  const { record: copy } = await findWholeCopy(session, rollout, planDigest);
  const backup = row && (await findProven(session, row)).record;
  const found = copy?.receipt.id ?? backup?.receipt.id;
  if (found === undefined) return;
  throw permanent(
    'WrongState',
    `expected neither copy nor backup, as it was approved, found ${found}; nothing was changed; start the rollback again: the old keys can come back`,
  );
}
