import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../adapters/files/replace-file';
import type { Run } from '../../contract/run/decisions';
import type { EnvironmentName } from '../../contract/run/names';
import type { RowState } from '../../contract/run/observed-state';
import type { Environment } from '../environment/environment';
import type { RolloutFile } from './rollout-files';
import { prefixOf, type OfRun } from '../environment/run-folders';

/** What was destroyed of one rollout in one environment; stays in the backup folder when everything else is gone. */
export interface DestructionRecord {
  run: Run;
  environment: EnvironmentName;
  /** Who asked: a date, in the words of the workflow that waited for it. */
  askedBy: string;
  /** Until when it had to be kept, by the settings of this worker. ISO. */
  keptUntil: string;
  /** Of the rollout, when it was destroyed. */
  state: RowState;
  startedAt: string;
  /** Absent: an attempt that did not end. */
  endedAt?: string;
  files: DestroyedFile[];
}

/** One file, as it was before it was destroyed. */
export interface DestroyedFile {
  what: RolloutFile['what'];
  /** For people: below the folder of the backups, or of the identities. */
  name: string;
  /** Absent of an identity, and of a file that was missing. */
  sizeBytes?: number;
  /** Of its bytes; not of an identity, which is a secret. */
  sha256?: string;
  /** ISO; absent until it is gone. */
  destroyedAt?: string;
  /** It should have been there and was not: somebody else may still have it. */
  missing?: true;
}

/** Below the backup folder. */
export const destructionFile = (run: OfRun): string => path.join('destroyed', `${prefixOf(run)}.json`);

/** In the place of the earlier one, as a whole. */
export const writeDestruction = (environment: Environment, record: DestructionRecord): Promise<void> =>
  replaceFile(path.join(environment.backupFolder, destructionFile(record.run)), `${JSON.stringify(record, null, 2)}\n`);

/** Undefined if nothing was destroyed yet. @throws for a damaged one: what was destroyed must not be forgotten */
export async function readDestruction(environment: Environment, run: OfRun): Promise<DestructionRecord | undefined> {
  const file = path.join(environment.backupFolder, destructionFile(run));
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as DestructionRecord;
  } catch {
    throw new Error(
      `expected ${destructionFile(run)} in the backup folder to be JSON, found a damaged one; move it away`,
    );
  }
}
