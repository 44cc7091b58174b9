import { proveDump } from '../adapters/prove-dump';
import { permanent } from '../contract/failures';
import type { EnvironmentActivities } from '../contract/steps';
import type { ProofReceipt } from '../contract/world';
import { dumpFile, readProof, readRecord, writeProof, writeRefuted } from './backup-folder';
import type { FindEnvironment } from './environment';
import { heartbeat, withHeartbeat } from './heartbeat';

/**
 * Restores a dump into a throw-away server, compares every table with its fingerprint, and destroys the server. Guards
 * against a dump that looks whole and is not: `pg_restore --list` accepts a truncated one.
 *
 * A second run of a proven backup looks at the file's sha256 only.
 *
 * @throws `BackupNotProven` with every difference
 */
export function createProveBackup({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['proveBackup'] {
  return ({ run, id }) =>
    withHeartbeat(async (signal) => {
      const environment = find(run.target);
      const { receipt, fingerprints } = await readRecord(environment, id);
      const earlier = await readProof(environment, id);
      if (earlier !== undefined) return earlier;
      const { toolsFolder } = environment;
      const proof = await proveDump({
        ...{ file: dumpFile(environment, id), expectedSha256: receipt.sha256, expected: fingerprints, signal },
        ...(toolsFolder !== undefined && { toolsFolder }),
        onProgress: heartbeat,
      });
      const { proven, differences, tableCount, rowCount, tookMs, receipt: scratch } = proof;
      if (!proven) {
        await writeRefuted(environment, id, differences);
        const seen = differences
          .slice(0, 10)
          .map(({ where, expected, found }) => `${where}: expected ${expected}, found ${found}`);
        throw permanent(
          'BackupNotProven',
          `backup ${id} is not proven: ${seen.join('; ')}; answer "retry" to take a new one`,
        );
      }
      const destroyed = scratch?.destroyed === true;
      const { sha256 } = receipt;
      const provenAt = new Date().toISOString();
      const written: ProofReceipt = { id, sha256, provenAt, tables: tableCount, rowCount, destroyed, tookMs };
      await writeProof(environment, id, written);
      return written;
    });
}
