import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { decrypt, encrypt } from '../../adapters/encryption/age';
import { failPoint } from '../../adapters/programs/fail-point';
import { writeWhole, type FileDigest } from '../../adapters/files/file-digest';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { writeOnce } from '../../adapters/files/write-once';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';
import { removalsOf } from '../../contract/plan/removals';
import type { CopyReceipt } from '../../contract/run/receipts';
import { copyPairs, gatherPairs, judgePairs, type PairFaults } from '../../sql/copy';
import type { Equalities } from '../../sql/condition';
import type { WhatIsRemoved } from '../../sql/what-is-removed';
import { makeBackupKeys, type BackupKeys } from '../backup/backup-identity';
import { captureRemovals } from '../catalogue/capture-removals';
import {
  copyFile,
  findCopies,
  makeCopyFolder,
  requireCopy,
  writeCopyRecord,
  type CopyRecord,
} from '../backup/copy-folder';
import { withSession } from '../environment/database';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { requireFreeze } from './require-freeze';
import { requireRightServer } from '../state/point-of-no-return';
import { allowEffect } from '../decisions/allow-effect';
import type { RolloutDeps } from '../decisions/rollout-decisions';
import { equalitiesOf } from '../state/equalities';
import type { OfKnownPlan, PerformOfPlan } from '../statements/of-known-plan';

type Order = OfKnownPlan<'finalCopy'>;

/**
 * Writes down all that dies, after nobody can write it any more: one removed value a replacement, each pair proven,
 * encrypted, read back. Guards against a way back that lacks what was written since the backup. It reads the database
 * and changes nothing there.
 *
 * Safe to run again: a whole copy of this freeze is found and no other one is taken; what a lost attempt has left is
 * removed.
 *
 * @throws `WrongState` without the freeze, or for a pair that would be lost; `BackupNotProven` if it can't be read back
 */
export function createFinalCopy(deps: RolloutDeps): PerformOfPlan<'finalCopy'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      await allowEffect(environment, deps, order);
      const earlier = await wholeCopy({ environment, signal }, order);
      if (earlier !== undefined) return earlier;
      return withSession({ environment, signal }, 'copy', (session) => take(session, order));
    });
}

/** What an earlier, lost attempt has finished under the same freeze. */
async function wholeCopy(
  { environment, signal }: Omit<Session, 'client'>,
  { run, planDigest, freeze }: Order,
): Promise<CopyReceipt | undefined> {
  for (const { receipt } of await findCopies(environment, run)) {
    if (receipt.freeze !== freeze) continue;
    const whole = await requireCopy({ environment, signal }, receipt.id, { run, planDigest }).catch(() => undefined);
    signal.throwIfAborted();
    if (whole !== undefined) return receipt;
  }
  return undefined;
}

async function take(session: Omit<Session, 'signal'>, order: Order): Promise<CopyReceipt> {
  const { client, environment } = session;
  const { run, plan, planDigest, freeze, identity } = order;
  const startedAt = new Date();
  await useSystemNames(client);
  await client.query('set statement_timeout = 0'); // large tables; the signal is its limit
  await requireRightServer(session, identity);
  await requireFreeze(client, order, freeze);
  await failPoint('final copy: before');
  const captured = await captureRemovals(session, plan);
  const keys = await makeBackupKeys(environment, run);
  const id = await makeCopyFolder(environment, run);
  const to = { file: copyFile(environment, id), recipient: keys.recipient };
  // One snapshot: a row that is frozen can still be deleted between counting and copying.
  const written = await withTransaction(client, { isolation: 'repeatable read' }, async () => {
    const equalities = await equalitiesOf(client, removalsOf(plan));
    await runStatements(client, gatherPairs(plan));
    const taken = await requireGoodPairs(client, plan, equalities);
    return { taken, ...(await write(client, copyPairs(plan, equalities), to)) };
  });
  const { taken, plainSha256, ...file } = written;
  const { pairs, rows } = taken;
  await requireFreeze(client, order, freeze); // all the while, so the pairs are those that were judged
  await requireReadable(to.file, keys, { plainSha256, pairs });
  const receipt: CopyReceipt = {
    ...{ id, freeze, pairs, rows, ...file, takenAt: startedAt.toISOString() },
    tookMs: Date.now() - startedAt.getTime(),
  };
  const of = { run, environment: environment.name, plan, planDigest };
  const record: CopyRecord = { ...of, receipt, recipient: keys.recipient, taken, plainSha256, captured };
  await failPoint('final copy: before its record');
  await writeCopyRecord(environment, id, record);
  await failPoint('final copy: after');
  return receipt;
}

/** Encrypted as it comes: no value is ever in a file as it is. */
async function write(
  client: PostgresClient,
  pairs: string,
  { file, recipient }: { file: string; recipient: string },
): Promise<FileDigest & { plainSha256: string }> {
  const plain = createHash('sha256');
  const digest = await writeOnce(file, async (handle) => {
    const written = await writeWhole(handle, encrypt(hashed(client.copyTo(pairs), plain), recipient));
    await failPoint('final copy: before its name');
    return written;
  });
  return { ...digest, plainSha256: plain.digest('hex') };
}

async function requireGoodPairs(client: PostgresClient, plan: Plan, equalities: Equalities): Promise<WhatIsRemoved> {
  const { rows } = await client.query<PairFaults>(judgePairs(plan, equalities));
  if (rows[0] === undefined) throw new PostgresError('expected a count of the pairs, found no row');
  const { withoutReplacement, notProven, ambiguous, ...taken } = rows[0];
  const { pairs } = taken;
  if (withoutReplacement + notProven + ambiguous === 0) return taken;
  const found = `${withoutReplacement} without a replacement, ${notProven} that the proof does not hold for, ${ambiguous} too many for their replacement`;
  throw permanent(
    'WrongState',
    `expected one proven value a replacement among ${pairs} distinct pairs, found ${found}; nothing was changed; fix these rows as "re-count" says for each class, then answer "retry"`,
  );
}

/** Lets the bytes through, and takes their digest. */
async function* hashed(source: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

/** A copy that can't be decrypted is none. @throws `BackupNotProven` */
async function requireReadable(
  file: string,
  { identityFile }: BackupKeys,
  { plainSha256, pairs }: { plainSha256: string; pairs: number },
): Promise<void> {
  const hash = createHash('sha256');
  let lines = 0;
  for await (const chunk of decrypt(createReadStream(file), identityFile)) {
    hash.update(chunk);
    for (const byte of chunk) if (byte === newline) lines += 1;
  }
  const sha256 = hash.digest('hex');
  if (sha256 === plainSha256 && lines === pairs) return;
  const expected = `expected the final copy to be read back as ${pairs} pairs (sha256 ${plainSha256.slice(0, 12)})`;
  throw permanent(
    'BackupNotProven',
    `${expected}, found ${lines} (${sha256.slice(0, 12)}); answer "retry": a new one is taken`,
  );
}

const newline = 10;
