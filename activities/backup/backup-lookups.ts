import { rm } from 'node:fs/promises';
import { encrypt } from '../../adapters/encryption/age';
import { decryptStart } from '../../adapters/encryption/encrypted-file';
import { readWhole, writeWhole } from '../../adapters/files/file-digest';
import { openPostgres } from '../../adapters/postgres/postgres';
import type { PostgresSettings } from '../../adapters/postgres/postgres';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import { writeOnce } from '../../adapters/files/write-once';
import { removalsOf } from '../../contract/plan/removals';
import { analyzed, createLookupTable, loadLookups, selectLookups } from '../../sql/saved-values/known-keys';
import { lookupsFile, readProof } from './backup-folder';
import type { BackupRecord } from './backup-folder';
import { findBackupKeys } from './backup-identity';
import type { Session } from '../environment/session';
import { equalitiesOf } from '../state/equalities';

/**
 * Notes, while a backup is restored for its proof, which hashes it has a key for: so that the loss of a rollback can be
 * counted in a second instead of by another restoration. Hashes only; the keys stay in the dump.
 *
 * @returns sha256 of the encrypted list
 */
export async function writeLookups(
  { environment, signal }: Omit<Session, 'client'>,
  { receipt, plan, recipient }: BackupRecord,
  restored: PostgresSettings,
): Promise<string> {
  const file = lookupsFile(environment, receipt.id);
  await rm(file, { force: true }); // of an attempt that ended before its proof was written
  const { sha256 } = await openPostgres({ ...restored, statementTimeoutMs: 0 }).withClient(async (client) => {
    await useSystemNames(client);
    const hashes = client.copyTo(selectLookups(plan, await equalitiesOf(client, removalsOf(plan))));
    return writeOnce(file, (handle) => writeWhole(handle, encrypt(hashes, recipient)));
  }, signal);
  return sha256;
}

/**
 * Puts the list into a temporary table of the session; false if it is not there as it was proven.
 *
 * @throws `BackupNotProven` if its identity is gone
 */
export async function loadBackupLookups(
  { client, environment }: Omit<Session, 'signal'>,
  { receipt, run, recipient }: BackupRecord,
): Promise<boolean> {
  const file = lookupsFile(environment, receipt.id);
  const found = await readWhole(file).catch(() => undefined);
  const proof = await readProof(environment, receipt.id);
  if (found === undefined || found.sha256 !== proof?.lookupsSha256) return false;
  const { identityFile } = await findBackupKeys(environment, run, recipient);
  await runStatements(client, [createLookupTable]);
  await decryptStart({ file, identityFile }, client.copyFrom(loadLookups));
  await client.query(analyzed('rubicon_hashes'));
  return true;
}
