import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import { identityText, makeAgeKeys } from '../encryption/age';
import { dumpDatabase } from '../dump/dump';
import { openPostgres, type PostgresClient, type PostgresSettings } from '../postgres/postgres';
import type { PostgresToolsSettings } from '../postgres/tools';
import { restoreDump } from '../dump/restore';
import { withScratchPostgres, type Scratch } from '../scratch/scratch-postgres';
import { withSnapshot } from '../postgres/snapshot';
import { readClusterFacts, type ClusterFacts } from './cluster-facts';
import { completeCopy, type CompleteCopy } from './complete-copy';
import { layRoles } from './lay-roles';
import { copySample, type CopiedSample, type SampleOf } from './sample-rows';
import { copySequences } from './copy-sequences';
import { withoutChecks } from './without-checks';

/** Which database is copied, with which of its rows. */
export interface CopyOrder extends PostgresToolsSettings {
  /** The database to copy; it is only read. */
  connection: PostgresSettings;
  /** Which rows, asked in the snapshot that is copied. */
  samples: (client: PostgresClient) => Promise<readonly SampleOf[]>;
  /** Ends everything, the callback's sessions included; its reason is thrown. */
  signal: AbortSignal;
}

/** A throw-away copy of a database: its definitions, rights and owners, and a sample of its rows. */
export interface DefinitionsCopy extends CompleteCopy {
  /** The server that it is on; destroyed after the callback. */
  scratch: Scratch;
  /** Of the original, in the snapshot that was copied. */
  facts: ClusterFacts;
  sample: CopiedSample;
}

/**
 * Copies the definitions of a database into a throw-away server, with a sample of rows, calls back, destroys the server. Seconds,
 * however large the database is. What is written on the way is encrypted with a key of this call alone, and goes with the rest.
 *
 * @throws if it could not be found out: no tools, no right to read something, definitions that do not restore; what the callback throws
 */
export async function withCopiedDefinitions<T>(
  order: CopyOrder,
  callback: (copy: DefinitionsCopy) => Promise<T>,
): Promise<T> {
  const { connection, signal, toolsFolder } = order;
  return withSnapshot(
    connection,
    async ({ id: snapshot, client }) => {
      const facts = await readClusterFacts(client);
      const settings = { toolsFolder, signal, alsoAs: facts.worker.name };
      const { value } = await withScratchPostgres(settings, async (scratch) => {
        await layRoles(scratch.connection('postgres'), facts);
        const { recipient, identityFile } = await makeKeys(scratch);
        const file = path.join(scratch.folder, 'definitions.age');
        const dump = await dumpDatabase({
          ...{ connection, file, recipient, snapshot, toolsFolder, signal, definitionsOnly: true },
        });
        const restore = { file, identityFile, expectedSha256: dump.sha256, signal };
        const restored = await restoreDump({ ...restore, scratch });
        if (!restored.restored)
          throw new Error(`expected definitions that restore, found ${restored.difference.found}`);
        const sample = await load(client, restored, await order.samples(client));
        const { connection: asOwner } = restored;
        const restoredIn = { scratch, ...restored };
        const complete = await completeCopy({ order: restore, restoredIn, connection: asOwner, facts });
        return callback({ ...complete, scratch, facts, sample });
      });
      return value;
    },
    signal,
  );
}

async function makeKeys(scratch: Scratch): Promise<{ recipient: string; identityFile: string }> {
  const keys = await makeAgeKeys();
  const identityFile = path.join(scratch.folder, 'definitions.key');
  await writeFile(identityFile, identityText(keys), { mode: 0o600 });
  return { recipient: keys.recipient, identityFile };
}

/** Before triggers, policies and foreign keys are there: rows come in as they are. */
async function load(
  from: PostgresClient,
  to: { connection: PostgresSettings; asSuperuser: PostgresSettings },
  samples: readonly SampleOf[],
): Promise<CopiedSample> {
  const sample = await withoutChecks(to.asSuperuser, () =>
    openPostgres(to.connection).withClient((client) => copySample(from, client, samples)),
  );
  await openPostgres(to.asSuperuser).withClient((client) => copySequences(from, client, samples));
  return sample;
}
