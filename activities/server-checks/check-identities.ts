import { access, constants } from 'node:fs/promises';
import type { Finding } from '../../contract/run/findings';
import { identityFolderOf } from '../backup/backup-identity';
import { isSameDisk, nearestFolder } from './check-disk-space';
import type { Environment } from '../environment/environment';

/**
 * Whether what decrypts a backup can be kept, and apart from it: whoever steals or copies one disk must not get both. On
 * one disk it is told, and stops nothing.
 */
export async function checkIdentities(environment: Environment): Promise<Finding> {
  const check = 'identities of backups';
  const folder = await nearestFolder(identityFolderOf(environment));
  const isWritable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  const isShared = await isSameDisk(folder, await nearestFolder(environment.backupFolder));
  const facts = {
    expected: 'a folder that this worker may write to, on another disk than the backups',
    found: `${isWritable ? '' : 'no right to write to '}${folder}, on ${isShared ? 'the same' : 'another'} disk`,
  };
  if (isWritable && !isShared) return { check, status: 'passed', ...facts };
  const remedy = 'name a folder on another disk as backups.identities in the settings, writable by this worker alone';
  return { check, status: isWritable ? 'not covered' : 'failed', ...facts, remedy };
}
