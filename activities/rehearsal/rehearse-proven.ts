import { completeCopy, type RestoredCopy } from '../../adapters/database-copy/complete-copy';
import { layRoles } from '../../adapters/database-copy/lay-roles';
import type { BackupRecord } from '../backup/backup-folder';
import { scopeOfBackup } from '../backup/backup-scope';
import type { Session } from '../environment/session';
import { rehearse, type Rehearsed } from './rehearse';

/**
 * Walks there and back on the restored backup that its rows were just proven with, before it is destroyed: with all rows, so that what only they say (an id beyond
 * its sequence, a value too long for an index) stops a rollout before its environment is touched.
 */
export async function rehearseProven(
  session: Omit<Session, 'client'>,
  { plan }: Pick<BackupRecord, 'plan'>,
  copy: RestoredCopy,
): Promise<Rehearsed> {
  const { restoredIn, facts } = copy;
  await layRoles(restoredIn.scratch.connection('postgres'), facts);
  const { tables } = scopeOfBackup(session.environment, plan);
  const complete = await completeCopy(copy, tables);
  const notCovered = tables === undefined ? [] : ['rows of tables that the backup leaves out (backups.scope)'];
  const { scratch } = restoredIn;
  return rehearse(session, plan, { ...complete, scratch, facts, extent: 'all rows', notCovered });
}
