import { access, constants, stat, statfs } from 'node:fs/promises';
import { findPostgresTools } from '../../adapters/postgres/tools';
import { finding, type Finding } from '../../contract/run/findings';
import { readableSize } from '../../contract/text/plain-text';
import { checkIdentities } from '../server-checks/check-identities';
import { checkDiskSpace, nearestFolder } from '../server-checks/check-disk-space';
import { checkSecurityFloor, programs } from '../server-checks/check-tools';
import type { Environment } from '../environment/environment';
import type { DatabaseFacts } from './try-database';

type OfDatabase = Pick<DatabaseFacts, 'major' | 'dataBytes'>;

/** The programs with which a backup is taken and restored. Only their versions are asked. */
export async function tryTools(
  { toolsFolder, securityFloor = 'warn' }: Environment,
  { major }: OfDatabase,
): Promise<Finding[]> {
  const search = await findPostgresTools({ toolsFolder }, major ?? 0);
  const found = programs(search, major ?? 0);
  if (search.tools === undefined) return [major === undefined ? { ...found, expected: ofAnyVersion } : found];
  const { versions, folder } = search.tools;
  const facts = {
    expected: major === undefined ? ofAnyVersion : found.expected,
    found: `${versions.pg_dump}, ${folder}`,
  };
  const remedy = 'the server did not answer: try again when it does';
  const compared: Finding =
    major === undefined ? { ...found, ...facts, status: 'unknown', remedy } : { ...found, ...facts };
  return [compared, checkSecurityFloor(search.tools, securityFloor)];
}

const ofAnyVersion = "pg_dump, pg_restore, initdb and postgres in one folder, at least of the server's version";

/** Where backups, and what decrypts them, will lie. Nothing is written. */
export async function tryBackupFolder(environment: Environment, { dataBytes }: OfDatabase): Promise<Finding[]> {
  const folder = await nearestFolder(environment.backupFolder);
  const isFolder = (await stat(folder)).isDirectory();
  const isWritable = await access(folder, constants.W_OK | constants.X_OK).then(
    () => isFolder,
    () => false,
  );
  return [
    finding('folder', isWritable, {
      expected: 'a folder that this user may write to',
      found: isWritable ? folder : isFolder ? `no right to write to ${folder}` : `no folder at ${folder}`,
      remedy: 'let the user of the worker write there, or name another one as backups.folder',
    }),
    ...(dataBytes === undefined ? [await spaceUnknown(folder, environment)] : await checkDiskSpace(folder, dataBytes)),
    await checkIdentities(environment),
  ];
}

async function spaceUnknown(folder: string, { backupScope }: Environment): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const facts = {
    check: 'disk space for backups',
    expected: 'more than what is backed up',
    found: `${readableSize(bavail * bsize)} free; how much is backed up is not known`,
  };
  if (backupScope === 'tables')
    return { ...facts, status: 'not covered', remedy: 'preflight knows the tables of its plan, and compares' };
  return { ...facts, status: 'unknown', remedy: 'the database did not answer: try again when it does' };
}
