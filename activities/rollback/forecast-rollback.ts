import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { runStatements } from '../../adapters/postgres/statements';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { isKeptByRow, traitsOf } from '../../contract/plan/removals';
import { forecastOf } from '../../sql/forecast';
import type { FillForecast, Known } from '../../sql/fill';
import { createLookupTable, createSavedValueTable } from '../../sql/saved-values/known-keys';
import type { BackupRecord } from '../backup/backup-folder';
import { loadBackupLookups } from '../backup/backup-lookups';
import { loadBackupValues } from '../backup/backup-values';
import { columnsAmong } from '../catalogue/captured-columns';
import { addCopiedLookups, addCopiedKeys } from '../backup/copy-values';
import type { CopyRecord } from '../backup/copy-folder';
import type { DroppedRecord } from '../catalogue/dropped-record';
import type { Session } from '../environment/session';
import { addKnownLookup } from '../new-keys/known-value';
import { isGuarded as hasGuard } from '../state/read-write-guard';

/** What the values can come from; with neither all of them are lost. */
export interface Sources {
  /** Undefined = there is none that is whole; so of `backup`. */
  copy: CopyRecord | undefined;
  backup: BackupRecord | undefined;
}

/** What a fill from these sources would give back and lose, exactly and now. Leaves nothing but the session's own table. */
export async function forecastRollback(
  session: Session,
  dropped: DroppedRecord,
  sources: Sources,
): Promise<FillForecast> {
  if (!traitsOf(dropped.plan).hasValues) return { restorableRows: 0, restorableValues: 0, lostRows: 0, lostValues: 0 };
  if (isKeptByRow(dropped.plan)) return forecastByRow(session, dropped, sources);
  const known = await loadKnown(session, sources);
  if (sources.copy === undefined && sources.backup === undefined) await addKnownLookup(session, dropped.plan);
  return forecast(session.client, dropped, known);
}

/** Hashes are enough, where there is a list of them: a backup need not be restored to count. */
async function loadKnown(session: Session, { copy, backup }: Sources): Promise<Known> {
  if (backup === undefined) await runStatements(session.client, [createLookupTable]);
  const listed = backup === undefined || (await loadBackupLookups(session, backup));
  if (!listed) await loadBackupValues(session, backup);
  if (copy !== undefined) await (listed ? addCopiedLookups : addCopiedKeys)(session, copy);
  return listed ? 'rubicon_hashes' : 'rubicon_keys';
}

/**
 * The copy has the last value of each row. A backup is older: of no row it is known that its value was still the same,
 * unless a proof holds for it and for what replaces it now.
 */
async function forecastByRow(
  session: Session,
  dropped: DroppedRecord,
  { copy, backup }: Sources,
): Promise<FillForecast> {
  const { client } = session;
  if (copy === undefined && backup !== undefined) await loadBackupValues(session, backup);
  else await runStatements(client, [createSavedValueTable]);
  if (copy !== undefined) await addCopiedKeys(session, copy);
  const exact = await forecast(client, dropped, 'rubicon_keys');
  if (copy !== undefined || dropped.plan.proof !== undefined) return exact;
  const { restorableRows, restorableValues } = exact;
  return { restorableRows: 0, restorableValues: 0, lostRows: restorableRows, lostValues: restorableValues };
}

async function forecast(client: PostgresClient, dropped: DroppedRecord, known: Known): Promise<FillForecast> {
  const { plan, captured } = dropped;
  const from = { known, proof: plan.proof, isGuarded: await hasGuard(client, plan), typeOf: typeIn(captured) };
  const { rows } = await client.query<FillForecast>(forecastOf(plan, from));
  if (rows[0] === undefined) throw new PostgresError('expected a forecast, found no row');
  return rows[0];
}

/** The type that a column had, as it was captured. */
const typeIn =
  (captured: DroppedRecord['captured']) =>
  ({ schema, table, column }: ColumnRemoval): string =>
    columnsAmong(captured).find((each) => each.schema === schema && each.table === table && each.column === column)
      ?.type ?? 'text';
