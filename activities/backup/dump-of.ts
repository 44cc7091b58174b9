import type { RestoredOrder } from '../../adapters/dump/restored-dump';
import { dumpFile, type BackupRecord } from './backup-folder';
import { findBackupKeys } from './backup-identity';
import type { Environment } from '../environment/environment';

/**
 * What it takes to restore the dump of a backup.
 *
 * @throws `BackupNotProven` if its identity is gone
 */
export async function dumpOf(
  environment: Environment,
  { run, receipt, recipient }: BackupRecord,
): Promise<RestoredOrder> {
  const { identityFile } = await findBackupKeys(environment, run, recipient);
  const { toolsFolder } = environment;
  return { file: dumpFile(environment, receipt.id), expectedSha256: receipt.sha256, identityFile, toolsFolder };
}
