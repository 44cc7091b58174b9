import { compareFingerprints, type Difference } from './compare-fingerprints';
import { fingerprintTables, type TableFingerprint } from './fingerprint';
import { openPostgres, type PostgresSettings } from './postgres';
import { withTransaction } from './postgres-transaction';
import { withRestoredDump, type RestoredOrder } from './restored-dump';
import type { ScratchReceipt } from './scratch-postgres';

export interface ProofOrder extends RestoredOrder {
  /** Of the same snapshot as the dump. */
  expected: readonly TableFingerprint[];
}

export interface DumpProof {
  /** True only if every expected table was restored with the same rows in the same columns. */
  proven: boolean;
  differences: Difference[];
  /** Extensions that this machine lacks; tables that need them could not be restored. Install them, then prove again. */
  missingExtensions: string[];
  tableCount: number;
  rowCount: number;
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
  const outcome = await withRestoredDump(order, (connection) => compareRestored(connection, order));
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
export async function compareRestored(
  connection: PostgresSettings,
  { expected, signal, onProgress }: Pick<ProofOrder, 'expected' | 'signal' | 'onProgress'>,
): Promise<{ found: TableFingerprint[]; differences: Difference[] }> {
  const found = await openPostgres(connection).withClient(
    (client) =>
      withTransaction(client, { isolation: 'repeatable read', readOnly: true }, () =>
        fingerprintTables(client, expected, {
          onProgress: ({ tablesDone }) => onProgress?.({ phase: 'compare', tablesDone }),
          skipMissing: true,
        }),
      ),
    signal,
  );
  return { found, differences: compareFingerprints(expected, found) };
}
