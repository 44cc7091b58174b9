import { runStatements } from '../../adapters/postgres/statements';
import { isKeptByRow, removalsOf } from '../../contract/plan/removals';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { countUnlearned, createSavedValueTable, learnKeys } from '../../sql/saved-values/known-keys';
import { loadBackupLookups } from '../backup/backup-lookups';
import { loadBackupValues } from '../backup/backup-values';
import { addCopiedKeys, requireDecidedCopy } from '../backup/copy-values';
import type { Session } from '../environment/session';
import { loadRenewedKeys } from '../new-keys/new-keys-table';
import { requireProven, requireRecord } from '../backup/proven-backup';

/**
 * Fills the session's `rubicon_keys`: from rows that have their key by now, from the final copy, and from the backup if it
 * knows one more; or from the keys that were drawn anew, where there is neither.
 */
export async function gatherValues(session: Session, input: RestoreInput): Promise<void> {
  const { client, environment } = session;
  const { rollout, plan, planDigest, backup } = input;
  const removals = replacedOf(removalsOf(plan));
  const copy = await requireDecidedCopy(session, input);
  const addCopy = async (): Promise<void> => copy && addCopiedKeys(session, copy);
  if (input.newKeys !== undefined || backup === undefined || (copy !== undefined && isKeptByRow(plan))) {
    await runStatements(client, [createSavedValueTable]);
    if (input.newKeys !== undefined) return loadRenewedKeys(session, input);
    await runStatements(client, learnKeys(plan)); // nothing where rows have values of their own: an older one is wrong
    return addCopy();
  }
  const record = await requireRecord(environment, backup, { run: rollout, planDigest });
  if (!isKeptByRow(plan) && (await loadBackupLookups(session, record))) {
    await runStatements(client, [createSavedValueTable]);
    await runStatements(client, learnKeys(plan));
    await addCopy();
    const { rows } = await client.query<{ count: number }>(countUnlearned(removals));
    if (rows[0]?.count === 0) return;
    await client.query('drop table rubicon_keys');
  }
  await loadBackupValues(session, await requireProven(session, backup, { run: rollout, planDigest }));
  await addCopy();
}
