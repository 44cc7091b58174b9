import path from 'node:path';
import { openPostgres, type PostgresSettings } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import type { CompleteCopy } from '../../adapters/database-copy/complete-copy';
import type { Scratch } from '../../adapters/scratch/scratch-postgres';
import { installStatements } from '../../sql/install';
import type { Environment } from '../environment/environment';

/** A throw-away copy as the effects know an environment: its own database, files and keys, and nothing of the real one. */
export function environmentOfCopy(
  { target, name, application }: Environment,
  { asWorker, scratch }: CompleteCopy & { scratch: Scratch },
  serves: string,
): Environment {
  return {
    ...{ target, name, postgresUrl: asWorker.url, toolsFolder: scratch.tools.folder, copy: { serves } },
    application: { ...application, actions: {}, planActions: {}, releaseChecks: [] },
    backupFolder: path.join(scratch.folder, 'backups'),
  };
}

/**
 * Our own tables in a copy that was made without rows: whose database it is a copy of. Where the original lacks them (a
 * finding of its own) they are made, so that the rest can be rehearsed.
 */
export async function installOnCopy(
  { target, name }: Environment,
  superuser: PostgresSettings,
  role: string,
): Promise<void> {
  await openPostgres(superuser).withClient(async (client) => {
    const { rows } = await client.query(`select from pg_class where oid = to_regclass('rubicon.identity')`);
    const statements = installStatements({ environment: name, target, ...(rows.length === 0 && { role }) });
    await runStatements(client, rows.length === 0 ? statements : statements.slice(-1));
  });
}
