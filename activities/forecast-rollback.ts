import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { removalsOf } from '../contract/plan';
import { forecastFill } from '../sql/fill';
import type { FillForecast } from '../sql/fill';
import type { BackupRecord } from './backup-folder';
import { loadBackupHashes } from './backup-hashes';
import { loadBackupKeys } from './backup-keys';
import { addCopiedHashes, addCopiedKeys, findWholeCopy } from './copy-keys';
import type { Environment } from './environment';

/** What a fill from the final copy and this backup would give back and lose, exactly and now. Leaves nothing but the session's own table. */
export async function forecastRollback(
  client: PostgresClient,
  environment: Environment,
  record: BackupRecord,
  signal: AbortSignal,
): Promise<FillForecast> {
  const listed = await loadBackupHashes(client, environment, record);
  if (!listed) await loadBackupKeys(client, environment, record, signal);
  const copy = await findWholeCopy(environment, record.run, record.planDigest, signal);
  if (copy !== undefined) await (listed ? addCopiedHashes : addCopiedKeys)(client, environment, copy);
  const known = listed ? 'rubicon_hashes' : 'rubicon_keys';
  const { rows } = await client.query<FillForecast>(forecastFill(removalsOf(record.plan), known));
  if (rows[0] === undefined) throw new PostgresError('expected a forecast, found no row');
  return rows[0];
}
