import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createBackup } from '../../../activities/backup/backup';
import { dumpFile } from '../../../activities/backup/backup-folder';
import { findBackupKeys } from '../../../activities/backup/backup-identity';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { requireProven } from '../../../activities/backup/proven-backup';
import { restoreDump } from '../../../adapters/dump/restore';
import { withScratchPostgres } from '../../../adapters/scratch/scratch-postgres';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { changedBytes, places, truncations, type Damage } from '../../support/faults/damage';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

const { plan, planDigest } = firstPlan();
const run = newRun();
let stage: SampleEnvironment;
let id: string;
let file: string;
let whole: Buffer;

beforeAll(async () => {
  stage = await openSampleEnvironment('staging');
  ({ id } = await createBackup({ environment: stage.find })({ run, plan, planDigest }));
  await createProveBackup({ environment: stage.find })({ run, id });
  file = dumpFile(stage.environment, id);
  whole = readFileSync(file);
});

afterAll(() => stage.close());

/** 1,000 single bytes, and a cut at every per cent. */
function* damages(): Generator<Damage> {
  yield* changedBytes(whole, places(whole, 1_000));
  yield* truncations(
    whole,
    Array.from({ length: 100 }, (_, percent) => percent),
  );
}

test('none of 1,000 changed bytes and 100 truncations passes for the proven backup', async () => {
  const passed: string[] = [];
  for (const [what, bytes] of damages()) {
    writeFileSync(file, bytes);
    const outcome = await requireProven({ environment: stage.environment }, id, { run, planDigest }).catch(
      (error: Error) => error,
    );
    if (!(outcome instanceof Error)) passed.push(what);
    else expect(outcome).toMatchObject({ type: 'BackupNotProven' });
  }
  writeFileSync(file, whole);
  await expect(requireProven({ environment: stage.environment }, id, { run, planDigest })).resolves.toBeDefined();
  expect(passed).toEqual([]);
}, 600_000);

test('neither does one of them restore when its own digest is expected', async () => {
  const folder = mkdtempSync('/var/tmp/rubicon-test-');
  chmodSync(folder, 0o755);
  const { identityFile } = await findBackupKeys(stage.environment, run);
  const damaged = path.join(folder, 'damaged.age');
  const restored: string[] = [];
  await withScratchPostgres({ toolsFolder: findPostgresFolder(), folder }, async (scratch) => {
    for (const [what, bytes] of damages()) {
      writeFileSync(damaged, bytes);
      const expectedSha256 = createHash('sha256').update(bytes).digest('hex');
      const outcome = await restoreDump({ file: damaged, identityFile, expectedSha256, scratch });
      if (outcome.restored) restored.push(what);
      else expect(outcome.difference.where).toBe('file');
    }
    const expectedSha256 = createHash('sha256').update(whole).digest('hex');
    expect(await restoreDump({ file, identityFile, expectedSha256, scratch })).toMatchObject({ restored: true });
  });
  rmSync(folder, { recursive: true });
  expect(restored).toEqual([]);
}, 1_800_000);
