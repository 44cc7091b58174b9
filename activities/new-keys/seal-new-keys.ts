import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encrypt } from '../../adapters/encryption/age';
import { failPoint } from '../../adapters/programs/fail-point';
import { writeWhole } from '../../adapters/files/file-digest';
import { linesOf } from '../../adapters/files/lines';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { writeOnce } from '../../adapters/files/write-once';
import { permanent } from '../../contract/run/failures';
import { obstacles } from '../../contract/run/findings';
import { removalsOf } from '../../contract/plan/removals';
import type { RestoreInput, SealedKeys } from '../../contract/activities/effect-inputs';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { createSavedValueTable } from '../../sql/saved-values/known-keys';
import {
  createNewKeyTable,
  deriveHashes,
  findRenewed,
  loadDrawn,
  selectNewKeys,
  selectOwners,
} from '../../sql/saved-values/new-keys';
import { withSession } from '../environment/database';
import { requireDroppedRecord } from '../catalogue/dropped-record';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { addKnownValue } from './known-value';
import { checkNewKeys } from './new-keys';
import {
  findSealed,
  makeMapKeys,
  makeNewKeysFolder,
  mapFile,
  requireSealed,
  writeNewKeysRecord,
} from '../backup/new-keys-folder';
import type { NewKeysRecord } from '../backup/new-keys-folder';
import { requireNoOtherSource } from './other-recovery-source';
import { requireRightServer } from '../state/point-of-no-return';
import { requireDropped, requireOwnDigest, useApproval } from '../decisions/rollback-decisions';
import type { RestoreDeps } from '../decisions/rollback-decisions';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Draws a new key for every owner, 32 random bytes each, and seals the map of old hash, new key and new hash on disk
 * before any row has one. Guards against keys that are in the database and in nobody's hands, and against new keys where
 * the old ones could still come back. Changes nothing in the database.
 *
 * Safe to run again: what was drawn for this rollback is found, and once a row has a new key, nobody draws others for it.
 * Uses the approval of the loss up: from here on it holds, however long a custodian takes.
 *
 * @throws `WrongState` if copy or backup is there (again); `NotDecided`; `BackupNotProven` if sealed keys were damaged
 */
export function createSealNewKeys(deps: RestoreDeps): PerformOfPlan<'sealNewKeys'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      return withSession({ environment, signal }, 'new keys', async (session) => {
        const { client } = session;
        await client.query('set statement_timeout = 0'); // distinct hashes of large tables; the signal is its limit
        await requireRightServer(session);
        await requireDropped(client, input);
        await requireNoOtherSource(session, input);
        await useApproval(session, deps, input);
        const earlier = await findSealed(environment, input.rollout);
        if (earlier !== undefined && (await isStillMeant(client, earlier.record, input))) {
          const { owners } = await requireSealed(environment, earlier.id, input.planDigest);
          return { id: earlier.id, owners };
        }
        const dropped = await requireDroppedRecord(client, { ...input.rollout, planDigest: input.planDigest });
        const [against] = obstacles(
          await checkNewKeys(
            client,
            { electorate: deps.electorate, requesters: input.decision?.gate.requesters ?? [] },
            dropped,
          ),
        );
        if (against !== undefined)
          throw permanent(
            'WrongState',
            `expected ${against.expected}, found ${against.found}; ${against.remedy ?? ''}`,
          );
        return draw(session, input);
      });
    });
}

/** Those of this very rollback; or of an earlier one, as soon as a row has one of them. Else they are nobody's yet. */
async function isStillMeant(
  client: PostgresClient,
  { drawnBy }: NewKeysRecord,
  { run, rollout }: RestoreInput,
): Promise<boolean> {
  if (drawnBy === run.firstRun) return true;
  const { rows } = await client.query<{ any: boolean }>(findRenewed, [rollout.workflowId, rollout.firstRun]);
  return rows[0]?.any !== false;
}

async function draw(
  session: Omit<Session, 'signal'>,
  { run, rollout, plan, planDigest }: RestoreInput,
): Promise<SealedKeys> {
  const { client, environment } = session;
  const drawnAt = new Date().toISOString();
  await useSystemNames(client);
  await runStatements(client, [createNewKeyTable, createSavedValueTable]);
  await addKnownValue(session, plan);
  const owners = await drawOneEach(client, selectOwners(replacedOf(removalsOf(plan))));
  await runStatements(client, deriveHashes(plan.proof ?? ''));
  await failPoint('new keys: before they are sealed');
  const keys = await makeMapKeys(environment, rollout);
  const id = await makeNewKeysFolder(environment, rollout);
  const pairs = client.copyTo(selectNewKeys);
  const { sha256 } = await writeOnce(mapFile(environment, id), (handle) =>
    writeWhole(handle, encrypt(pairs, keys.recipient)),
  );
  await failPoint('new keys: before their record');
  const { recipient } = keys;
  const of = { rollout, planDigest, drawnBy: run.firstRun };
  await writeNewKeysRecord(environment, id, { ...of, owners, drawnAt, sha256, recipient });
  await failPoint('new keys: after');
  return { id, owners };
}

/** The list first, then the table: a session does one copy at a time. Hashes only are ever in memory as a whole. */
async function drawOneEach(client: PostgresClient, owners: string): Promise<number> {
  const hashes: string[] = [];
  for await (const hash of linesOf(client.copyTo(owners))) hashes.push(hash);
  const lines = function* (): Generator<string> {
    for (const hash of hashes) yield `${hash}\t${randomBytes(32).toString('base64url')}\n`;
  };
  await pipeline(Readable.from(lines()), client.copyFrom(loadDrawn));
  return hashes.length;
}
