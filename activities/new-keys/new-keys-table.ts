import { runStatements } from '../../adapters/postgres/statements';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { createNewKeyTable, loadNewKeys, takeNewKeys } from '../../sql/saved-values/new-keys';
import type { Session } from '../environment/session';
import { addKnownValue } from './known-value';
import { loadEncrypted } from '../backup/load-encrypted';
import { findMapKeys, mapFile, requireSealed } from '../backup/new-keys-folder';

/**
 * Puts the sealed map into the session's `rubicon_new_keys`; once a session.
 *
 * @throws `BackupNotProven` if it is not there as it was sealed
 */
export async function loadMap(
  { client, environment }: Omit<Session, 'signal'>,
  { id, planDigest }: { id: string; planDigest: string },
): Promise<void> {
  const { rows } = await client.query<{ is: boolean }>(
    `select to_regclass('pg_temp.rubicon_new_keys') is not null as is`,
  );
  if (rows[0]?.is === true) return;
  const record = await requireSealed(environment, id, planDigest);
  const { identityFile } = await findMapKeys(environment, record);
  await runStatements(client, [createNewKeyTable]);
  await loadEncrypted(client, loadNewKeys, { file: mapFile(environment, id), identityFile });
  await client.query('analyze rubicon_new_keys (old_hash)'); // a sampled key would be written to WAL
}

/** To the session's `rubicon_keys`: what rows under a new hash get. */
export async function loadRenewedKeys(
  session: Omit<Session, 'signal'>,
  { newKeys, plan, planDigest }: RestoreInput,
): Promise<void> {
  await loadMap(session, { id: newKeys?.id ?? '', planDigest });
  await session.client.query(takeNewKeys);
  await addKnownValue(session, plan);
}
