import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { identityText, makeAgeKeys, recipientOf } from '../../adapters/encryption/age';
import { writeOnce } from '../../adapters/files/write-once';
import type { Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import type { Environment } from '../environment/environment';

/** What a rollout's backups and copies of one environment are encrypted to. */
export interface BackupKeys {
  /** `age1…`; not secret, stands in records. */
  recipient: string;
  /** Path of the file that alone decrypts. What is in it goes nowhere else. */
  identityFile: string;
}

type Rollout = Pick<Run, 'workflowId' | 'firstRun'>;

/**
 * Makes the pair of keys of a rollout, or finds the one that an earlier attempt has made: one pair for all that the
 * rollout writes here, so that destroying one small file makes all of it unreadable, wherever it was copied to. Guards
 * against removed values that outlive their removal in a dump.
 *
 * @throws `BackupNotProven` if its file is there and damaged: it is never written over
 */
export async function makeBackupKeys(environment: Environment, run: Rollout): Promise<BackupKeys> {
  const identityFile = identityFileOf(environment, run);
  await mkdir(path.dirname(identityFile), { recursive: true, mode: 0o700 });
  for (let tries = 1; ; tries += 1) {
    const earlier = await readKeys(identityFile);
    if (earlier !== undefined) return earlier;
    const text = identityText(await makeAgeKeys());
    try {
      await writeOnce(identityFile, (handle) => handle.writeFile(text));
    } catch (error) {
      if (tries === 5) throw error; // before that another attempt was faster: its pair is as good
    }
  }
}

/**
 * The pair of keys of a rollout, for whoever decrypts.
 *
 * @param recipient that the record of a backup or copy names: with another pair it can't be read
 * @throws `BackupNotProven` if it is missing, damaged, or another one
 */
export async function findBackupKeys(environment: Environment, run: Rollout, recipient?: string): Promise<BackupKeys> {
  const identityFile = identityFileOf(environment, run);
  const keys = await readKeys(identityFile);
  if (keys === undefined) throw unreadable(identityFile, 'found none');
  if (recipient !== undefined && keys.recipient !== recipient)
    throw unreadable(identityFile, `found the one of ${keys.recipient} instead of ${recipient}`);
  return keys;
}

async function readKeys(identityFile: string): Promise<BackupKeys | undefined> {
  const text = await readFile(identityFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const recipient = await recipientOf(text);
  if (recipient === undefined) throw unreadable(identityFile, 'found a damaged one');
  return { recipient, identityFile };
}

function unreadable(identityFile: string, found: string): Error {
  const { base } = path.parse(identityFile);
  return permanent(
    'BackupNotProven',
    `expected the identity ${base} among backups.identities, ${found}; without its identity nothing that was encrypted ` +
      'to it can be read: bring its file back from your copy of that folder',
  );
}

/** Where identities are kept; it may not be there yet. */
export const identityFolderOf = ({ identityFolder, backupFolder }: Environment): string =>
  identityFolder ?? path.join(backupFolder, 'identities');

/** Ids of Temporal may hold anything; that of the first run is unique by itself. */
export function identityFileOf(environment: Environment, run: Rollout): string {
  const { target, name } = environment;
  const [workflow, firstRun] = [run.workflowId, run.firstRun].map((id) => id.replace(/[^A-Za-z0-9-]+/g, '_'));
  const base = `${target}.${name}.${workflow?.slice(0, 80)}.${firstRun}.txt`;
  return path.join(identityFolderOf(environment), base);
}
