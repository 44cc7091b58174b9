import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeBackupFolder } from '../../../activities/backup/backup-folder';
import { dumpFile, lookupsFile } from '../../../activities/backup/backup-folder';
import { identityFolderOf, makeBackupKeys } from '../../../activities/backup/backup-identity';
import { copyFile, requireCopy } from '../../../activities/backup/copy-folder';
import { createDestroyBackups } from '../../../activities/backup/destroy-backups';
import type { DestructionRecord } from '../../../activities/backup/destruction-record';
import type { Environment } from '../../../activities/environment/environment';
import { requireProven } from '../../../activities/backup/proven-backup';
import { createDrop } from '../../../activities/removal/drop';
import { readWhole } from '../../../adapters/files/file-digest';
import { prepareDropUnrestored, takeOutOfUse, type ReadyToDrop } from '../../support/stages/ready-to-drop';
import {
  electorate,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// One rollout that has dropped; each test works on a copy of its folder.
let stage: SampleEnvironment;
let ready: ReadyToDrop;
let folder: string;
let environment: Environment;
const dayMs = 86_400_000;

beforeAll(async () => {
  stage = await openSampleEnvironment();
  ready = await takeOutOfUse(stage, await prepareDropUnrestored(stage));
  await createDrop({ environment: stage.find, electorate })(ready);
});
afterAll(() => stage.close());
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-destroy-'));
  cpSync(stage.environment.backupFolder, folder, { recursive: true, preserveTimestamps: true });
  environment = { ...stage.environment, backupFolder: folder, keepBackupsMs: 1 };
});
afterEach(() => rmSync(folder, { recursive: true }));

const destroy = (change: Partial<Environment> = {}, order: object = {}) =>
  createDestroyBackups({ environment: () => ({ ...environment, ...change }) })({
    ...{ run: ready.run, askedBy: '2026-12-24 10:00:03 UTC', backup: ready.backup, copy: ready.copy },
    ...order,
  });
const files = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('plans/')) // they hold no value
    .sort();
const recordOf = (name: string): DestructionRecord =>
  JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as DestructionRecord;
const setState = (state: string) =>
  stage.database.query('update rubicon.rollout set state = $2 where first_run = $1', [ready.run.firstRun, state]);

describe('too early', () => {
  test('nothing is touched before its time by the settings of this worker, whatever the order says', async () => {
    const before = files();
    const kept = await destroy({ keepBackupsMs: 30 * dayMs });
    expect(kept).toEqual({
      ...{ destroyed: false, because: expect.stringMatching(/^it is kept until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/) },
      againInMs: expect.any(Number),
    });
    expect((kept as { againInMs: number }).againInMs).toBeGreaterThan(29 * dayMs);
    const { keepBackupsMs: _, ...unset } = environment;
    const silent = await createDestroyBackups({ environment: () => unset })({ run: ready.run, askedBy: 'now' });
    expect(silent).toMatchObject({
      destroyed: false,
      because: expect.stringMatching(/settings of this worker do not say/),
    });
    expect(files()).toEqual(before);
  });

  test('nothing is touched while the rollout is open', async () => {
    const before = files();
    await setState('open');
    await expect(destroy()).resolves.toEqual({
      ...{ destroyed: false, because: 'its state row is "open": it can still be needed', againInMs: dayMs },
    });
    await setState('dropped');
    expect(files()).toEqual(before);
  });

  test('nothing is touched where the database is not that of the settings', async () => {
    const before = files();
    await expect(destroy({ name: 'staging' })).rejects.toMatchObject({ type: 'WrongState' });
    expect(files()).toEqual(before);
  });
});

describe('at its date', () => {
  test.each(['dropped', 'rolled-back', 'aborted'])(
    'of a rollout that is %s, identity and files go; records stay',
    async (state) => {
      await setState(state);
      const [dump, copy] = await Promise.all([
        readWhole(dumpFile(environment, ready.backup)),
        readWhole(copyFile(environment, ready.copy)),
      ]);
      const answer = await destroy();
      await setState('dropped');
      expect(answer).toEqual({
        ...{ destroyed: true, at: expect.any(String), files: 4, missing: [] },
        record: expect.stringMatching(/^destroyed\/agent-api_drop-plaintext-api-keys_2026-11\.\w{32}\.json$/),
      });
      const { record: name } = answer as { record: string };
      expect(files()).toEqual(
        [
          ...['record.json', 'proof.json'].map((file) => path.join(ready.backup, file)),
          ...[path.join('copies', ready.copy, 'record.json'), name],
        ].sort(),
      );
      expect(recordOf(name)).toEqual({
        ...{ run: ready.run, environment: 'production', askedBy: '2026-12-24 10:00:03 UTC', state },
        ...{ keptUntil: expect.any(String), startedAt: expect.any(String), endedAt: expect.any(String) },
        files: [
          {
            what: 'identity',
            name: expect.stringMatching(/^agent-api\.production\..*\.txt$/),
            destroyedAt: expect.any(String),
          },
          { what: 'backup', name: `${ready.backup}/dump.age`, ...dump, destroyedAt: expect.any(String) },
          expect.objectContaining({ what: 'backup', name: `${ready.backup}/hashes.age` }),
          { what: 'final copy', name: `${ready.copy}/copy.age`, ...copy, destroyedAt: expect.any(String) },
        ],
      });
      // What relies on them says so.
      await expect(requireProven({ environment }, ready.backup, ready)).rejects.toMatchObject({
        type: 'BackupNotProven',
      });
      await expect(requireCopy({ environment }, ready.copy, ready)).rejects.toMatchObject({
        type: 'BackupNotProven',
      });
      // A second run finds it done.
      await expect(destroy()).resolves.toEqual(answer);
    },
  );

  test('the identity goes first; a run that dies in the middle is gone on with', async () => {
    const stuck = lookupsFile(environment, ready.backup);
    rmSync(stuck);
    mkdirSync(stuck); // can't be removed as a file
    await expect(destroy()).rejects.toThrow();
    const name = files().find((file) => file.startsWith('destroyed')) ?? '';
    expect(recordOf(name)).not.toHaveProperty('endedAt');
    expect(recordOf(name).files.map(({ destroyedAt }) => destroyedAt !== undefined)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(readdirSync(identityFolderOf(environment))).toEqual([]);
    const [identity] = recordOf(name).files;

    rmSync(stuck, { recursive: true });
    const answer = await destroy({ keepBackupsMs: 30 * dayMs }); // begun is begun
    expect(answer).toMatchObject({ destroyed: true, files: 4, missing: [] });
    expect(recordOf(name).files[0]).toEqual(identity);
    expect(recordOf(name).files.every(({ destroyedAt }) => destroyedAt !== undefined)).toBe(true);
  });

  test('what should be there and is not is said: somebody may still have it', async () => {
    rmSync(dumpFile(environment, ready.backup));
    rmSync(identityFolderOf(environment), { recursive: true });
    rmSync(path.join(folder, 'copies'), { recursive: true });
    const answer = await destroy();
    expect(answer).toMatchObject({
      ...{ destroyed: true, files: 1 },
      missing: [`identity of ${ready.run.workflowId}`, ready.copy, `${ready.backup}/dump.age`],
    });
    await expect(destroy()).resolves.toEqual(answer);
  });

  test('unfinished and refuted attempts go, too; other rollouts keep theirs', async () => {
    const other = newRun('another/rollout');
    await makeBackupKeys(environment, other);
    const otherBackup = await makeBackupFolder(environment, other);
    writeFileSync(dumpFile(environment, otherBackup), 'of another one');
    const unfinished = await makeBackupFolder(environment, ready.run);
    writeFileSync(`${dumpFile(environment, unfinished)}.1a2b.partial`, 'half a dump');
    writeFileSync(path.join(folder, ready.backup, 'refuted.json'), '{}');
    await expect(destroy()).resolves.toMatchObject({ destroyed: true, files: 5, missing: [] });
    expect(files().filter((file) => !/(record|proof|refuted)\.json$|^destroyed/.test(file))).toEqual([
      path.join(otherBackup, 'dump.age'),
      path.join('identities', readdirSync(identityFolderOf(environment))[0] ?? ''),
    ]);
    expect(readdirSync(folder)).not.toContain(unfinished);
  });

  test('files that somebody brings back afterwards are destroyed again', async () => {
    const saved = readFileSync(dumpFile(environment, ready.backup));
    const first = await destroy();
    writeFileSync(dumpFile(environment, ready.backup), saved);
    await expect(destroy()).resolves.toMatchObject({ destroyed: true, files: 4 });
    expect(files()).not.toContain(path.join(ready.backup, 'dump.age'));
    expect(first).toMatchObject({ destroyed: true });
  });

  test('where nothing was left there is nothing to destroy, and that is an answer', async () => {
    const { backup: _, copy: __, ...run } = { run: newRun('nothing'), backup: '', copy: '' };
    await expect(
      createDestroyBackups({ environment: () => environment })({ ...run, askedBy: 'a date' }),
    ).resolves.toMatchObject({ destroyed: true, files: 0, missing: [] });
  });
});
