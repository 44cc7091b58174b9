import { readdir, readFile } from 'node:fs/promises';
import { writeOnce } from '../../adapters/files/write-once';
import type { Run } from '../../contract/run/decisions';

/** What runs leave on disk: a folder an attempt, named by run and instant, with records that are written once. */

export type OfRun = Pick<Run, 'workflowId' | 'firstRun'>;

/** Whose files an effect may stand on: those of another run, or of another plan, are none. */
export interface FilesOf {
  run: OfRun;
  planDigest: string;
}

/** Whether a record is of this very run. */
export const isOfRun = (record: OfRun, run: OfRun): boolean =>
  record.workflowId === run.workflowId && record.firstRun === run.firstRun;

/** A name that no earlier attempt has. */
export function newFolderName(run: OfRun): string {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return `${prefixOf(run)}.${stamp}-${Math.random().toString(36).slice(2, 6)}`;
}

/** Names of the folders of a run, the newest first. */
export async function foldersOf(parent: string, run: OfRun): Promise<string[]> {
  const entries = await readdir(parent).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((name) => name.startsWith(`${prefixOf(run)}.`))
    .sort()
    .reverse();
}

/** Ids of Temporal may hold anything; that of the first run is unique by itself. */
export const prefixOf = ({ workflowId, firstRun }: OfRun): string =>
  `${workflowId.replace(/[^A-Za-z0-9-]+/g, '_').slice(0, 80)}.${firstRun.replace(/[^A-Za-z0-9-]+/g, '_')}`;

/** Whether it can be a name of ours: it becomes part of a path. */
export const isFolderName = (id: string): boolean => /^[\w.-]+$/.test(id) && !id.startsWith('.');

export const writeJson = (file: string, value: unknown): Promise<void> =>
  writeOnce(file, (handle) => handle.writeFile(`${JSON.stringify(value, null, 2)}\n`));

/** Undefined if there is none; a damaged one is as good as none. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}
