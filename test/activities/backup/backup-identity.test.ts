import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBackupKeys, makeBackupKeys } from '../../../activities/backup/backup-identity';
import type { Environment } from '../../../activities/environment/environment';
import { decrypt, encrypt } from '../../../adapters/encryption/age';
import { newRun } from '../../support/stages/sample-environment';

let folder: string;
let environment: Environment;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-identity-'));
  environment = {
    ...{ target: 'agent-api', name: 'production', postgresUrl: '' },
    ...{ backupFolder: path.join(folder, 'backups'), identityFolder: path.join(folder, 'other', 'disk') },
    application: {
      ...{ url: '', health: { path: '/', release: 'release' }, probeKey: '', actions: {}, releaseChecks: [] },
    },
  };
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a rollout has one pair of keys in an environment, in a file that nobody else can read', async () => {
  const run = newRun();
  const keys = await makeBackupKeys(environment, run);
  expect(keys.recipient).toMatch(/^age1[0-9a-z]{58}$/);
  expect(path.dirname(keys.identityFile)).toBe(environment.identityFolder);
  expect(statSync(keys.identityFile).mode & 0o777).toBe(0o600);
  expect(statSync(environment.identityFolder ?? '').mode & 0o777).toBe(0o700);
  await expect(makeBackupKeys(environment, run)).resolves.toEqual(keys);
  await expect(findBackupKeys(environment, run, keys.recipient)).resolves.toEqual(keys);
  const others = [
    await makeBackupKeys(environment, newRun()),
    await makeBackupKeys({ ...environment, name: 'staging' }, run),
    await makeBackupKeys({ ...environment, target: 'other-api' }, run),
  ];
  expect(new Set([keys, ...others].map(({ recipient }) => recipient)).size).toBe(4);
});

test('what is encrypted to its recipient is decrypted with its file', async () => {
  const { recipient, identityFile } = await makeBackupKeys(environment, newRun());
  async function* source() {
    yield Buffer.from('a removed value');
  }
  let found = '';
  for await (const chunk of decrypt(encrypt(source(), recipient), identityFile)) found += chunk.toString();
  expect(found).toBe('a removed value');
});

test('attempts at the same time get the same pair', async () => {
  const run = newRun();
  const keys = await Promise.all([1, 2, 3, 4].map(() => makeBackupKeys(environment, run)));
  expect(new Set(keys.map(({ recipient }) => recipient)).size).toBe(1);
  expect(readdirSync(environment.identityFolder ?? '')).toHaveLength(1);
});

test('without settings for it the folder is one of the backup folder', async () => {
  const { identityFolder: _, ...rest } = environment;
  const { identityFile } = await makeBackupKeys(rest, newRun());
  expect(path.dirname(identityFile)).toBe(path.join(environment.backupFolder, 'identities'));
});

test('one that is missing, another one, or damaged is told from each other, and none is written over', async () => {
  const run = newRun();
  await expect(findBackupKeys(environment, run)).rejects.toMatchObject({
    type: 'BackupNotProven',
    message: expect.stringMatching(
      /^expected the identity agent-api\.production\.agent-api_drop-plaintext-api-keys_2026-11\.\w+\.txt among backups.identities, found none; without its identity nothing/,
    ),
  });
  const { recipient, identityFile } = await makeBackupKeys(environment, run);
  const other = await makeBackupKeys(environment, newRun());
  await expect(findBackupKeys(environment, run, other.recipient)).rejects.toThrow(
    `found the one of ${recipient} instead of ${other.recipient}; without its identity`,
  );

  const damaged = readFileSync(identityFile, 'utf8').replace(/.\n$/, '');
  writeFileSync(identityFile, damaged);
  await expect(findBackupKeys(environment, run)).rejects.toThrow('found a damaged one; without its identity');
  const making = makeBackupKeys(environment, run);
  await expect(making).rejects.toThrow('found a damaged one; without its identity');
  await expect(making).rejects.not.toThrow(/AGE-SECRET-KEY/);
  expect(readFileSync(identityFile, 'utf8')).toBe(damaged);
});
