import { runStatements } from '../../adapters/postgres/statements';
import type { Run } from '../../contract/run/decisions';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import {
  analyzed,
  createCopyTable,
  loadCopyPairs,
  refuseUnproven,
  takeCopiedLookups,
  takeCopiedKeys,
} from '../../sql/saved-values/known-keys';
import { findBackupKeys } from './backup-identity';
import { copyFile, findCopies, requireCopy, type CopyRecord } from './copy-folder';
import type { Session } from '../environment/session';
import { loadEncrypted } from './load-encrypted';

type Rollout = Pick<Run, 'workflowId' | 'firstRun'>;

/** The newest final copy of a rollout that is whole and unchanged, if there is one; and why others are of no use. */
export async function findWholeCopy(
  session: Omit<Session, 'client'>,
  rollout: Rollout,
  planDigest: string,
): Promise<{ record?: CopyRecord; refused: string[] }> {
  const refused: string[] = [];
  for (const { receipt } of await findCopies(session.environment, rollout)) {
    try {
      return { record: await requireCopy(session, receipt.id, { run: rollout, planDigest }), refused };
    } catch (error) {
      session.signal.throwIfAborted();
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { refused };
}

/** The copy that was there when the rollback was decided: another source would be another loss. @throws `BackupNotProven` */
export const requireDecidedCopy = async (
  session: Omit<Session, 'client'>,
  { copy, rollout, planDigest }: Pick<RestoreInput, 'copy' | 'rollout' | 'planDigest'>,
): Promise<CopyRecord | undefined> =>
  copy === undefined ? undefined : requireCopy(session, copy, { run: rollout, planDigest });

/** Adds the pairs of a final copy to the session's `rubicon_keys`, each proven once more as it arrives. */
export const addCopiedKeys = (session: Omit<Session, 'signal'>, copy: CopyRecord): Promise<void> =>
  addFrom(session, copy, { take: takeCopiedKeys, table: 'rubicon_keys' });

/** Adds their hashes to the session's `rubicon_hashes`. */
export const addCopiedLookups = (session: Omit<Session, 'signal'>, copy: CopyRecord): Promise<void> =>
  addFrom(session, copy, { take: takeCopiedLookups, table: 'rubicon_hashes' });

/** Puts the pairs of a final copy into the session's `rubicon_copy`, each proven once more as it arrives. */
export async function loadCopy(
  { client, environment }: Omit<Session, 'signal'>,
  { run, recipient, receipt, plan }: CopyRecord,
): Promise<void> {
  const { identityFile } = await findBackupKeys(environment, run, recipient);
  await runStatements(client, [createCopyTable]);
  await loadEncrypted(client, loadCopyPairs, { file: copyFile(environment, receipt.id), identityFile });
  await runStatements(client, refuseUnproven('rubicon_copy', plan));
}

async function addFrom(
  session: Omit<Session, 'signal'>,
  copy: CopyRecord,
  { take, table }: { take: readonly string[]; table: 'rubicon_keys' | 'rubicon_hashes' },
): Promise<void> {
  const { client } = session;
  await loadCopy(session, copy);
  for (const sql of take) await client.query(sql);
  await client.query('drop table rubicon_copy');
  await client.query(analyzed(table));
}
