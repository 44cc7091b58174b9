import { wordFor } from '../../contract/plan/removals';
import { permanent } from '../../contract/run/failures';
import { shortName } from '../../contract/text/object-name';
import { requireCopy, type CopyRecord } from '../backup/copy-folder';
import { requireProven, requireRehearsed } from '../backup/proven-backup';
import type { Session } from '../environment/session';
import { changedCaptures } from '../catalogue/capture-removals';
import type { Capture } from '../catalogue/captured-columns';
import type { DropOrder } from './kinds/kind';

/**
 * Backup and final copy are there, proven and unchanged, and have seen the same columns: a rollback makes them as the
 * backup knows them. Returns these, and the freeze after which the copy was taken.
 *
 * @throws `WrongState` for other columns, `BackupNotProven`
 */
export async function requireFiles(
  session: Omit<Session, 'client'>,
  { run, plan, backup, copy, planDigest }: DropOrder,
): Promise<{ record: CopyRecord; captured: Capture[] }> {
  const { environment } = session;
  const record = await requireCopy(session, copy ?? 'none', { run, planDigest });
  const { captured: frozen } = record;
  if (environment.copy !== undefined) return { record, captured: frozen }; // it has no backup of its own
  const { captured } = await requireProven(session, backup ?? 'none', { run, planDigest });
  await requireRehearsed(environment, backup ?? 'none');
  const changed = changedCaptures(plan, frozen, captured);
  if (changed.length === 0 && frozen.length === captured.length) return { record, captured: frozen };
  const names = changed.map(shortName).join(', ');
  throw permanent(
    'WrongState',
    `expected ${wordFor(plan)} as the backup has captured them, found that ${names || 'they'} changed since (type, index, right or comment); ` +
      'nothing was changed; answer "abort" and start again: a new backup is needed',
  );
}

/** Reading a large dump can take minutes, and an attempt that waits for its lock takes a fraction of a second. */
export function onceAMinute<T>(look: () => Promise<T>): () => Promise<T> {
  let last: { at: number; seen: T } | undefined;
  return async () => {
    if (last === undefined || performance.now() - last.at >= 60_000)
      last = { seen: await look(), at: performance.now() };
    return last.seen;
  };
}
