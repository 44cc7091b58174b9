import type { ClusterFacts } from '../../adapters/database-copy/cluster-facts';
import { completeCopy } from '../../adapters/database-copy/complete-copy';
import { layRoles } from '../../adapters/database-copy/lay-roles';
import type { PostgresSettings } from '../../adapters/postgres/postgres';
import type { RestoreOrder } from '../../adapters/dump/run-pg-restore';
import type { RestoredIn } from '../../adapters/dump/restored-dump';
import type { BackupRecord } from '../backup/backup-folder';
import { scopeOfBackup } from '../backup/backup-scope';
import type { Session } from '../environment/session';
import { rehearse, type Rehearsed } from './rehearse';

/** The restored backup that its rows were just proven with. */
export interface ProvenCopy {
  order: RestoreOrder;
  restoredIn: RestoredIn;
  /** As the role that owns what was restored. */
  connection: PostgresSettings;
  facts: ClusterFacts;
}

/**
 * Walks there and back on the restored backup, before it is destroyed: with all rows, so that what only they say (an id beyond
 * its sequence, a value too long for an index) stops a rollout before its environment is touched.
 */
export async function rehearseProven(
  session: Omit<Session, 'client'>,
  { plan }: Pick<BackupRecord, 'plan'>,
  { order, restoredIn, connection, facts }: ProvenCopy,
): Promise<Rehearsed> {
  await layRoles(restoredIn.scratch.connection('postgres'), facts);
  const { tables } = scopeOfBackup(session.environment, plan);
  const complete = await completeCopy(order, restoredIn, connection, facts, tables);
  const notCovered = tables === undefined ? [] : ['rows of tables that the backup leaves out (backups.scope)'];
  const { scratch } = restoredIn;
  return rehearse(session, plan, { ...complete, scratch, facts, extent: 'all rows', notCovered });
}
