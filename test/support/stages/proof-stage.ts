import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Difference } from '../../../adapters/dump/compare-fingerprints';
import type { Dump } from '../../../adapters/dump/dump';
import { compareRestored } from '../../../adapters/dump/prove-dump';
import { restoreDump } from '../../../adapters/dump/restore';
import { takeBackup } from '../../../adapters/dump/take-backup';
import type { PostgresSettings } from '../../../adapters/postgres/postgres';
import type { TableName } from '../../../adapters/postgres/sql-name';
import type { TableFingerprint } from '../../../adapters/rows/fingerprint';
import { withScratchPostgres, type Scratch } from '../../../adapters/scratch/scratch-postgres';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { seal, writeAgeKeys, type AgeKeyFile } from '../servers/age-keys';
import { createDatabase, type TestDatabase } from '../servers/servers';
import { fillOddDatabase } from './odd-database';

export const toolsFolder = findPostgresFolder();
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A file, and the digest that is expected of it. */
export interface Sealed {
  file: string;
  sha256: string;
}

export interface Verdict {
  restored: boolean;
  differences: Difference[];
  missingExtensions?: string[];
  /** To the restored database. */
  connection?: PostgresSettings;
}

/** An odd database with its backup, and one throw-away server for all tests that need none of their own. */
export interface ProofStage {
  folder: string;
  database: TestDatabase;
  dump: Dump;
  expected: TableFingerprint[];
  keys: AgeKeyFile;
  scratch: Scratch;
  /** Of some tables, or of all. */
  backUp(
    source: TestDatabase,
    name: string,
    tables?: TableName[],
  ): Promise<{ dump: Dump; expected: TableFingerprint[] }>;
  /** What a restoration is asked. */
  orderOf(file: string, expectedSha256: string): RestoreOrder;
  /** Restores and compares in the shared server. */
  judge(sealed: Sealed, fingerprints?: TableFingerprint[]): Promise<Verdict>;
  /** A file beside the backup; gone when the tests are. */
  write(name: string, bytes: Buffer): Sealed;
  /** An encrypted file of a dump that was damaged before it was encrypted. */
  writeSealed(name: string, bytes: Buffer): Promise<Sealed>;
  close(): Promise<void>;
}

interface RestoreOrder {
  file: string;
  expectedSha256: string;
  identityFile: string;
  toolsFolder: string;
  folder: string;
}

export async function openProofStage(): Promise<ProofStage> {
  const folder = mkdtempSync('/var/tmp/rubicon-test-');
  chmodSync(folder, 0o755); // the throw-away servers are made in it
  const database = await createDatabase({ template: { name: 'odd', fill: fillOddDatabase } });
  const keys = await writeAgeKeys(folder);
  const { scratch, end } = await openScratch(folder);
  const backUp: ProofStage['backUp'] = async (source, name, tables) => {
    const connection = { url: source.url, applicationName: 'test of the proof' };
    const order = { connection, file: path.join(folder, name), recipient: keys.recipient, tables, toolsFolder };
    const { dump, fingerprints } = await takeBackup(order);
    return { dump, expected: fingerprints };
  };
  const orderOf: ProofStage['orderOf'] = (file, expectedSha256) => ({
    ...{ file, expectedSha256, identityFile: keys.identityFile, toolsFolder, folder },
  });
  const write: ProofStage['write'] = (name, bytes) => {
    const file = path.join(folder, name);
    writeFileSync(file, bytes);
    return { file, sha256: sha256(bytes) };
  };
  const { dump, expected } = await backUp(database, 'backup.dump');
  return {
    ...{ folder, database, dump, expected, keys, scratch, backUp, orderOf, write },
    async judge({ file, sha256: expectedSha256 }, fingerprints = expected) {
      const restoration = await restoreDump({ ...orderOf(file, expectedSha256), scratch });
      if (!restoration.restored) return { restored: false, differences: [restoration.difference] };
      const { connection, missingExtensions } = restoration;
      const { differences } = await compareRestored(connection, { expected: fingerprints });
      return { restored: true, differences, missingExtensions, connection };
    },
    writeSealed: async (name, bytes) => write(name, await seal(bytes, keys.recipient)),
    async close() {
      await end();
      rmSync(folder, { recursive: true });
    },
  };
}

async function openScratch(folder: string): Promise<{ scratch: Scratch; end: () => Promise<void> }> {
  return new Promise((started, failed) => {
    const sharing: Promise<unknown> = withScratchPostgres({ toolsFolder, folder }, (scratch) => {
      return new Promise<void>((resolve) =>
        started({
          scratch,
          end: async () => {
            resolve();
            await sharing;
          },
        }),
      );
    });
    sharing.catch(failed);
  });
}
