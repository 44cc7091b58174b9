import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import type { ColumnCapture } from '../adapters/postgres-catalogue';
import { runStatements } from '../adapters/postgres-statements';
import { isKeptByRow, removalsOf } from '../contract/plan';
import type { Removal } from '../contract/plan';
import { forecastFill } from '../sql/fill';
import type { FillForecast, Known } from '../sql/fill';
import { createKeyTable } from '../sql/known-keys';
import type { BackupRecord } from './backup-folder';
import { loadBackupHashes } from './backup-hashes';
import { loadBackupKeys } from './backup-keys';
import { addCopiedHashes, addCopiedKeys } from './copy-keys';
import type { CopyRecord } from './copy-folder';
import type { Environment } from './environment';

/** What a fill from this final copy and this backup would give back and lose, exactly and now. Leaves nothing but the session's own table. */
export async function forecastRollback(
  client: PostgresClient,
  environment: Environment,
  record: BackupRecord,
  copy: CopyRecord | undefined,
  signal: AbortSignal,
): Promise<FillForecast> {
  if (isKeptByRow(record.plan)) return forecastByRow(client, environment, record, copy, signal);
  const listed = await loadBackupHashes(client, environment, record);
  if (!listed) await loadBackupKeys(client, environment, record, signal);
  if (copy !== undefined) await (listed ? addCopiedHashes : addCopiedKeys)(client, environment, copy);
  return forecast(client, record, listed ? 'rubicon_hashes' : 'rubicon_keys');
}

/** The copy has the last value of each row. A backup is older: of no row it is known that its value was still the same. */
async function forecastByRow(
  client: PostgresClient,
  environment: Environment,
  record: BackupRecord,
  copy: CopyRecord | undefined,
  signal: AbortSignal,
): Promise<FillForecast> {
  if (copy === undefined) await loadBackupKeys(client, environment, record, signal);
  else {
    await runStatements(client, [createKeyTable]);
    await addCopiedKeys(client, environment, copy);
  }
  const exact = await forecast(client, record, 'rubicon_keys');
  if (copy !== undefined) return exact;
  const { restorableRows, restorableOwners } = exact;
  return { restorableRows: 0, restorableOwners: 0, lostRows: restorableRows, lostOwners: restorableOwners };
}

async function forecast(client: PostgresClient, record: BackupRecord, known: Known): Promise<FillForecast> {
  const { rows } = await client.query<FillForecast>(forecastFill(typed(record), known));
  if (rows[0] === undefined) throw new PostgresError('expected a forecast, found no row');
  return rows[0];
}

/** Each column with the type that it had, as it was captured. */
const typed = ({ plan, captured }: BackupRecord): (Removal & { type: string })[] =>
  removalsOf(plan).map((removal) => {
    const isOf = ({ schema, table, column }: ColumnCapture): boolean =>
      schema === removal.schema && table === removal.table && column === removal.column;
    return { ...removal, type: captured.find(isOf)?.type ?? 'text' };
  });
