import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import type { EnvironmentName } from '../../contract/run/names';
import type { Environment } from '../environment/environment';
import { foldersOf, newFolderName, readJson, writeJson, type OfRun } from '../environment/run-folders';
import type { Capture } from '../catalogue/captured-columns';

/** What was hidden, where its definition is all there is of it. Holds no value of a row, so it may stay. */
export interface DefinitionsRecord {
  run: Run;
  environment: EnvironmentName;
  planDigest: string;
  /** As it was under its own name. */
  captured: Capture[];
}

/** One an attempt: the newest is that of the attempt that has hidden it. */
export async function writeDefinitions(environment: Environment, record: DefinitionsRecord): Promise<void> {
  const folder = path.join(definitionsFolder(environment), newFolderName(record.run));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeJson(path.join(folder, 'record.json'), record);
}

/** @throws `WrongState` if this run has noted none of this plan here */
export async function requireDefinitions(
  environment: Environment,
  run: OfRun,
  planDigest: string,
): Promise<DefinitionsRecord> {
  for (const id of await foldersOf(definitionsFolder(environment), run)) {
    const record = await readJson<DefinitionsRecord>(path.join(definitionsFolder(environment), id, 'record.json'));
    const isOurs =
      record?.environment === environment.name &&
      record.run.workflowId === run.workflowId &&
      record.run.firstRun === run.firstRun &&
      record.planDigest === planDigest;
    if (isOurs) return record;
  }
  throw permanent(
    'WrongState',
    'expected what was captured when it was hidden, found no record of it; nothing was changed; bring the settings\' backup folder back as it was, or answer "abort" and start again',
  );
}

const definitionsFolder = ({ backupFolder }: Environment): string => path.join(backupFolder, 'definitions');
