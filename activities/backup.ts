import { captureColumn } from '../adapters/postgres-catalogue';
import type { ColumnCapture, TableName } from '../adapters/postgres-catalogue';
import type { PostgresClient } from '../adapters/postgres';
import { readIdentity } from '../adapters/postgres-identity';
import { readWhole } from '../adapters/file-digest';
import { takeBackup } from '../adapters/take-backup';
import { permanent } from '../contract/failures';
import { removalsOf } from '../contract/plan';
import type { Plan } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import type { BackupReceipt } from '../contract/world';
import { dumpFile, findBackups, makeBackupFolder, readRecord, writeRecord } from './backup-folder';
import { withDatabase } from './database';
import type { Environment, FindEnvironment } from './environment';
import { heartbeat, withHeartbeat } from './heartbeat';

/**
 * Dumps the database and, in the dump's own snapshot, takes the fingerprints that its proof is compared with, and the
 * columns as they are. Guards against a backup that nobody can restore from, or that is of another moment.
 *
 * A second run finds the finished backup of this run and takes no other, unless the first one was not proven.
 */
export function createBackup({ environment: find }: { environment: FindEnvironment }): EnvironmentActivities['backup'] {
  return ({ run, plan, planDigest }) =>
    withHeartbeat(async (signal) => {
      const environment = find(run.target);
      const earlier = await finishedBackup(environment, run, planDigest);
      if (earlier !== undefined) return earlier;

      const id = await makeBackupFolder(environment, run);
      const connection = { url: environment.postgresUrl, applicationName: `rubicon ${run.target} backup` };
      const file = dumpFile(environment, id);
      const { toolsFolder } = environment;
      const { captured, systemIdentifier } = await withDatabase(environment, 'capture', (client) => look(client, plan));
      const order = { connection, file, tables: tablesOf(environment), toolsFolder, signal, onProgress: heartbeat };
      const { dump, fingerprints } = await takeBackup(order);
      const { sizeBytes, sha256, startedAt, tookMs, serverVersion, clientVersion } = dump;
      const rowCount = fingerprints.reduce((sum, table) => sum + table.rowCount, 0);
      const receipt: BackupReceipt = {
        ...{ id, sizeBytes, sha256, tables: fingerprints.length, rowCount, takenAt: startedAt },
        ...{ tookMs, serverVersion, clientVersion },
      };
      await writeRecord(environment, id, { run, plan, planDigest, receipt, fingerprints, captured, systemIdentifier });
      return receipt;
    });
}

/** What an earlier, lost attempt has finished. One whose dump was changed since, or whose proof failed, is passed over. */
async function finishedBackup(
  environment: Environment,
  run: Parameters<typeof findBackups>[1],
  planDigest: string,
): Promise<BackupReceipt | undefined> {
  for (const id of await findBackups(environment, run)) {
    const { receipt, planDigest: of } = await readRecord(environment, id);
    const { sha256 } = await readWhole(dumpFile(environment, id)).catch(() => ({ sha256: '' }));
    if (of === planDigest && sha256 === receipt.sha256) return receipt;
  }
  return undefined;
}

interface Seen {
  captured: ColumnCapture[];
  systemIdentifier: string | null;
}

async function look(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<Seen> {
  const captured: ColumnCapture[] = [];
  for (const { schema, table, column } of removalsOf(plan)) {
    const capture = await captureColumn(client, { schema, table }, column);
    if (capture === undefined) {
      const message = `expected column ${schema}.${table}.${column}, found none; somebody else has removed it`;
      throw permanent('WrongWorld', message);
    }
    captured.push(capture);
  }
  return { captured, systemIdentifier: (await readIdentity(client)).systemIdentifier };
}

const tablesOf = ({ backupTables }: Environment): TableName[] | undefined =>
  backupTables?.map((name) => {
    const [table = '', schema = 'public'] = name.split('.').reverse();
    return { schema, table };
  });
