import { compareFingerprints, type Difference } from './compare-fingerprints';
import { fingerprintTables, type TableFingerprint } from '../rows/fingerprint';
import { openPostgres, type PostgresClient, type PostgresSettings } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { PostgresError } from '../postgres/postgres-error';
import { withTransaction } from '../postgres/transaction';
import { withRestoredDump, type RestoredIn, type RestoredOrder, type WithRestored } from './restored-dump';
import type { ScratchReceipt } from '../scratch/scratch-postgres';
import { sqlstate } from '../postgres/sqlstate';

/** What is proven, and against what. */
export interface ProofOrder extends RestoredOrder {
  /** Of the same snapshot as the dump. */
  expected: readonly TableFingerprint[];
}

/** Whether a dump restores to what was dumped. */
export interface DumpProof {
  /** True only if every expected table was restored with the same rows in the same columns. */
  proven: boolean;
  /** Empty if it is proven. */
  differences: Difference[];
  /** Extensions that this machine lacks; tables that need them could not be restored. Install them, then prove again. */
  missingExtensions: string[];
  /** Tables that were restored and compared. */
  tableCount: number;
  /** Rows of these tables. */
  rowCount: number;
  /** Until the throw-away server was gone. */
  tookMs: number;
  /** That the throw-away server is gone; missing if none was started. */
  receipt?: ScratchReceipt;
}

/**
 * Proves that a dump is a way back: restores it into a throw-away server and compares what is there with the
 * fingerprints of the snapshot that was dumped. A damaged dump is never proven, neither is one that was damaged after
 * an earlier proof.
 *
 * @throws if it could not be found out, which is neither
 */
export async function proveDump(order: ProofOrder): Promise<DumpProof> {
  const startedMs = performance.now();
  const outcome = await withComparedDump(order, async (compared) => compared);
  const { found, differences } = outcome.restored ? outcome.value : { found: [], differences: outcome.differences };
  return {
    proven: outcome.restored && differences.length === 0,
    differences,
    missingExtensions: outcome.restored ? outcome.missingExtensions : [],
    tableCount: found.length,
    rowCount: found.reduce((sum, { rowCount }) => sum + rowCount, 0),
    tookMs: Math.round(performance.now() - startedMs),
    ...(outcome.receipt === undefined ? {} : { receipt: outcome.receipt }),
  };
}

/** What is in a restored database, and how it differs from what was expected. */
export interface Compared {
  /** Of the expected tables that were restored. */
  found: TableFingerprint[];
  /** From what was expected; empty = none. */
  differences: Difference[];
}

/** {@link withRestoredDump}, with the rows compared while their indexes are being made: on two cores that costs hardly anything. */
export async function withComparedDump<T>(
  order: ProofOrder,
  callback: (compared: Compared, connection: PostgresSettings, restoredIn: RestoredIn) => Promise<T>,
): Promise<WithRestored<T>> {
  let compared: Compared | undefined;
  const onRows = async (connection: PostgresSettings) => {
    compared = await compareRestored(connection, order);
  };
  return withRestoredDump({ ...order, onRows }, async (connection, restoredIn) => {
    if (compared === undefined) throw new Error('expected compared rows, found that the restore never called back');
    return callback(compared, connection, restoredIn);
  });
}

/** Shorter than `deadlock_timeout`: the session that makes indexes wins, and its tables come last. */
const oneTable = { isolation: 'repeatable read', readOnly: true, lockTimeoutMs: 200 } as const;

/** To be called when no one writes there any more. */
export async function compareRestored(
  connection: PostgresSettings,
  { expected, signal, onProgress }: Pick<ProofOrder, 'expected' | 'signal' | 'onProgress'>,
): Promise<Compared> {
  const found: TableFingerprint[] = [];
  await openPostgres(connection).withClient(async (client) => {
    // From the other end than the archive's, and each in its own transaction: no one else changes these rows.
    const left = expected.toReversed();
    for (let table = left.shift(); table !== undefined; table = left.shift()) {
      const tell = () => onProgress?.({ phase: 'compare', tablesDone: found.length });
      const fingerprint = await fingerprintFree(client, table, tell);
      if (fingerprint === 'in use') left.push(table);
      else found.push(...fingerprint);
      tell();
    }
  }, signal);
  return { found, differences: compareFingerprints(expected, found) };
}

/** None: it is not there. */
async function fingerprintFree(
  client: PostgresClient,
  table: TableName,
  onProgress: () => void,
): Promise<TableFingerprint[] | 'in use'> {
  const options = { skipMissing: true, onProgress };
  try {
    return await withTransaction(client, oneTable, () => fingerprintTables(client, [table], options));
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate === sqlstate.lockNotAvailable) return 'in use';
    throw error;
  }
}
