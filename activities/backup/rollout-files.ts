import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { dumpFile, lookupsFile } from './backup-folder';
import { identityFolderOf } from './backup-identity';
import { copyFile } from './copy-folder';
import type { Environment } from '../environment/environment';
import { newKeysFolder } from './new-keys-folder';
import { foldersOf, readJson, type OfRun } from '../environment/run-folders';

/** A file that must not outlive its date. */
export interface RolloutFile {
  what: 'identity' | 'backup' | 'final copy' | 'new keys';
  /** For people: below the folder of the backups, or of the identities. */
  name: string;
  path: string;
}

/** All that one rollout has left in one environment, finished or not. */
export interface RolloutFiles {
  /** The identity first: without it the rest is noise, wherever it was copied to. */
  files: RolloutFile[];
  /** What its records and its workflow say must be there, and is not. */
  missing: RolloutFile[];
  /** When the youngest of it was made, ISO; undefined if there is nothing. */
  youngestAt?: string;
}

/** Explain what was there, and hold no value of a row; they stay. */
const records: ReadonlySet<string> = new Set(['record.json', 'proof.json', 'refuted.json']);

/** Looks for it by name: workflow and first run are part of every one. */
export async function findRolloutFiles(
  environment: Environment,
  run: OfRun,
  known: { backup?: string | undefined; copy?: string | undefined },
): Promise<RolloutFiles> {
  const copiesFolder = path.dirname(path.dirname(copyFile(environment, 'a')));
  const backups = await inFolders(run, {
    what: 'backup',
    parent: environment.backupFolder,
    expected: (id) => [dumpFile(environment, id), lookupsFile(environment, id)],
  });
  const copies = await inFolders(run, {
    what: 'final copy',
    parent: copiesFolder,
    expected: (id) => [copyFile(environment, id)],
  });
  // The map goes before.
  const newKeys = await inFolders(run, { what: 'new keys', parent: newKeysFolder(environment), expected: () => [] });
  const folders = [...backups, ...copies, ...newKeys];
  const identities = await identitiesOf(environment, run);
  const has = (id: string): boolean => folders.some((folder) => folder.id === id);
  const absent = [
    ...(identities.length === 0 && folders.length > 0 ? [aFile('identity', `identity of ${run.workflowId}`, '')] : []),
    ...(known.backup !== undefined && !has(known.backup) ? [aFile('backup', known.backup, '')] : []),
    ...(known.copy !== undefined && !has(known.copy) ? [aFile('final copy', known.copy, '')] : []),
  ];
  const madeAt = await Promise.all(identities.map((file) => writtenAt(file.path)));
  const youngestAt = [...madeAt, ...folders.map(({ takenAt }) => takenAt)].sort().at(-1);
  return {
    files: [...identities, ...folders.flatMap(({ files }) => files)],
    missing: [...absent, ...folders.flatMap(({ missing }) => missing)],
    ...(youngestAt !== undefined && { youngestAt }),
  };
}

interface Folder {
  id: string;
  files: RolloutFile[];
  missing: RolloutFile[];
  takenAt: string;
}

/** Folders of which a rollout has one for each attempt. */
interface KindOfFolder {
  what: RolloutFile['what'];
  /** Where these folders are. */
  parent: string;
  /** What must be in a finished one. */
  expected: (id: string) => string[];
}

async function inFolders(run: OfRun, { what, parent, expected }: KindOfFolder): Promise<Folder[]> {
  const ids = await foldersOf(parent, run);
  return Promise.all(
    ids.map(async (id): Promise<Folder> => {
      const folder = path.join(parent, id);
      const names = await namesIn(folder);
      const takenAt = await takenAtOf(folder);
      // The list of hashes comes with the proof; what has no record is an attempt that did not end.
      const wanted = names.includes('record.json') ? expected(id).map((file) => path.basename(file)) : [];
      const must = names.includes('proof.json') ? wanted : wanted.slice(0, 1);
      const file = (name: string): RolloutFile => aFile(what, `${id}/${name}`, path.join(folder, name));
      return {
        ...{ id, takenAt },
        files: names.filter((name) => !records.has(name)).map(file),
        missing: must.filter((name) => !names.includes(name)).map(file),
      };
    }),
  );
}

/** Damaged or unfinished ones, too. The id of a first run is no other rollout's. */
async function identitiesOf(environment: Environment, { firstRun }: OfRun): Promise<RolloutFile[]> {
  const folder = identityFolderOf(environment);
  const start = `${environment.target}.${environment.name}.`;
  const mark = `.${firstRun.replace(/[^A-Za-z0-9-]+/g, '_')}.`;
  const names = (await namesIn(folder)).filter((name) => name.startsWith(start) && name.includes(mark));
  return names.map((name) => aFile('identity', name, path.join(folder, name)));
}

const aFile = (what: RolloutFile['what'], name: string, at: string): RolloutFile => ({ what, name, path: at });

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.sort();
}

/** As its record says; of an attempt without one, when it was last written to. */
async function takenAtOf(folder: string): Promise<string> {
  const record = await readJson<{ receipt?: { takenAt?: string } }>(path.join(folder, 'record.json'));
  return record?.receipt?.takenAt ?? writtenAt(folder);
}

const writtenAt = async (at: string): Promise<string> => (await stat(at)).mtime.toISOString();
