import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import { describeFile, removeForGood } from '../../adapters/files/destroy-file';
import { readIdentity } from '../../adapters/server/identity';
import { withAdvisoryLock } from '../../adapters/server/sessions';
import { readableInstant } from '../../contract/text/instant';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { Destruction } from '../../contract/run/receipts';
import type { RowState } from '../../contract/run/observed-state';
import { withDatabase } from '../environment/database';
import { destructionFile, readDestruction, writeDestruction, type DestructionRecord } from './destruction-record';
import type { Environment, FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { readRow } from '../state/observe-state';
import { requireRightServer } from '../state/point-of-no-return';
import { findRolloutFiles, type RolloutFile, type RolloutFiles } from './rollout-files';

type Order = Parameters<EnvironmentActivities['destroyBackups']>[0];

/**
 * Destroys the backups and final copies of a rollout at their date: the identity first, which makes every copy of them
 * noise, then the files. Guards against removed values that outlive their removal; and, since it is the end of the way
 * back, against being asked too early: a rollout that is open, and the time of this worker's own settings, by the clock
 * of the database, refuse whatever the order says.
 *
 * Safe to run again: its record is written before and after each file, so a second run goes on where the first one died,
 * or finds it done.
 */
export function createDestroyBackups({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['destroyBackups'] {
  return (order) =>
    withHeartbeat((signal) => {
      const environment = find(order.run.target);
      return withDatabase(environment, 'destroy backups', async (client) => {
        const name = `rubicon destroy backups ${environment.target} ${environment.name}`;
        const locked = await withAdvisoryLock(client, name, () => destroy({ client, environment, signal }, order));
        if (locked.locked) return locked.value;
        return notYet(`session ${locked.holder?.pid ?? '?'} is destroying backups`, 60_000);
      });
    });
}

async function destroy(session: Session, order: Order): Promise<Destruction> {
  const { environment } = session;
  await requireRightServer(session);
  const found = await findRolloutFiles(environment, order.run, order);
  const begun = await readDestruction(environment, order.run);
  if (begun?.endedAt !== undefined && found.files.length === 0) return destroyed(begun, begun.endedAt);

  const allowed = await mayDestroy(session, order, { youngestAt: found.youngestAt, begun });
  if ('destroyed' in allowed) return allowed;
  const { run, askedBy } = order;
  const { endedAt: _, ...earlier } = begun ?? {
    ...{ run, environment: environment.name, askedBy, ...allowed },
    ...{ startedAt: new Date().toISOString(), files: [] },
  };
  const record: DestructionRecord = earlier;
  await note(environment, record, found);
  for (const file of found.files) await destroyOne(session, record, file);
  const endedAt = new Date().toISOString();
  await writeDestruction(environment, { ...record, endedAt });
  return destroyed(record, endedAt);
}

/** By what is, not by what the order says. What was begun is finished: half of it can't be used any more. */
async function mayDestroy(
  { client, environment: { keepBackupsMs } }: Session,
  { run }: Order,
  { youngestAt, begun }: { youngestAt: string | undefined; begun: DestructionRecord | undefined },
): Promise<Destruction | Pick<DestructionRecord, 'keptUntil' | 'state'>> {
  const row = await readRow(client, run);
  const state: RowState = row?.state ?? 'none';
  if (state === 'open') return notYet('its state row is "open": it can still be needed', aDayMs);
  if (begun !== undefined) return { keptUntil: begun.keptUntil, state };
  const { clockAt } = await readIdentity(client);
  if (youngestAt === undefined) return { keptUntil: clockAt, state }; // nothing is there
  if (keepBackupsMs === undefined) return notYet('the settings of this worker do not say how long to keep it', aDayMs);
  const since = row !== undefined && row.changedAt > youngestAt ? row.changedAt : youngestAt;
  const keptUntil = new Date(Date.parse(since) + keepBackupsMs).toISOString();
  const leftMs = Date.parse(keptUntil) - Date.parse(clockAt);
  if (leftMs > 0) return notYet(`it is kept until ${readableInstant(keptUntil)}`, leftMs);
  return { keptUntil, state };
}

/** What will be destroyed, and what should be there and is not; before anything is. */
async function note(
  environment: Environment,
  record: DestructionRecord,
  { files, missing }: RolloutFiles,
): Promise<void> {
  const has = (file: { name: string }): boolean => record.files.some(({ name }) => name === file.name);
  const hasIdentity = record.files.some(({ what }) => what === 'identity');
  // An attempt that died between the removal and the note of it.
  const gone = record.files.filter((entry) => !entry.missing && !files.some(({ name }) => name === entry.name));
  for (const entry of gone) entry.destroyedAt ??= new Date().toISOString();
  const absent = missing.filter((file) => !has(file) && !(hasIdentity && file.what === 'identity'));
  record.files.push(...files.filter((file) => !has(file)).map(({ what, name }) => ({ what, name })));
  record.files.push(...absent.map(({ what, name }) => ({ what, name, missing: true as const })));
  await writeDestruction(environment, record);
}

async function destroyOne(
  { environment, signal }: Session,
  record: DestructionRecord,
  { what, name, path: file }: RolloutFile,
): Promise<void> {
  const entry = record.files.find((known) => known.name === name);
  if (entry === undefined) return;
  signal.throwIfAborted();
  if (what !== 'identity') {
    Object.assign(entry, await describeFile(file, signal));
    await writeDestruction(environment, record);
  }
  await removeForGood(file);
  delete entry.missing; // it was brought back
  entry.destroyedAt = new Date().toISOString();
  await writeDestruction(environment, record);
  // Of an attempt that did not end nothing is left; a folder with its records stays.
  if (what !== 'identity') await rmdir(path.dirname(file)).catch(() => undefined);
}

const aDayMs = 86_400_000;

const notYet = (because: string, againInMs: number): Destruction => ({ destroyed: false, because, againInMs });

const destroyed = ({ run, files }: DestructionRecord, at: string): Destruction => ({
  ...{ destroyed: true, at, record: destructionFile(run) },
  files: files.filter(({ missing }) => missing !== true).length,
  missing: files.filter(({ missing }) => missing === true).map(({ name }) => name),
});
