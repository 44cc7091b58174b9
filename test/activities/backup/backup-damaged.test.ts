import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createBackup } from '../../../activities/backup/backup';
import { dumpFile, readProof, readRecord } from '../../../activities/backup/backup-folder';
import { loadBackupValues } from '../../../activities/backup/backup-values';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { requireProven } from '../../../activities/backup/proven-backup';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { Run } from '../../../contract/run/decisions';
import { digestOf } from '../../../contract/text/digest';
import { proveWithoutServer } from '../../support/stages/prove-without-server';
import { changedBytes, places, truncations, type Damage } from '../../support/faults/damage';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

const { plan, planDigest } = firstPlan();
let stage: SampleEnvironment;
let run: Run;
let id: string;
let file: string;
let whole: Buffer;

beforeAll(async () => {
  stage = await openSampleEnvironment('staging');
  run = newRun();
  ({ id } = await createBackup({ environment: stage.find })({ run, plan, planDigest }));
  await proveWithoutServer(stage.environment, id);
  file = dumpFile(stage.environment, id);
  whole = readFileSync(file);
});

afterAll(() => stage.close());

const prove = () => createProveBackup({ environment: stage.find })({ run, id });
const beside = (name: string) => path.join(path.dirname(file), name);
const proven = () => requireProven({ environment: stage.environment }, id, { run, planDigest });

function* damages(): Generator<Damage> {
  yield* changedBytes(whole, places(whole, 50));
  yield* truncations(whole, [0, 1, 20, 50, 90, 99]);
}

test('whatever was damaged since its proof is not dropped on: a sample of what test/kill tries in full', async () => {
  for (const [what, bytes] of damages()) {
    writeFileSync(file, bytes);
    const outcome = await proven().catch((error: unknown) => error);
    expect({ what, outcome }).toMatchObject({ what, outcome: { type: 'BackupNotProven' } });
  }
  writeFileSync(file, whole);
  await expect(proven()).resolves.toBeDefined();
});

test('damage whose digest somebody has put into record and proof is found by whoever restores it', async () => {
  const { environment, database } = stage;
  const [, bytes] = [...changedBytes(whole, [Math.floor(whole.length / 2)])][0]!;
  writeFileSync(file, bytes);
  const record = await readRecord(environment, id);
  record.receipt.sha256 = createHash('sha256').update(bytes).digest('hex');
  const proof = {
    ...(await readProof(environment, id)),
    sha256: record.receipt.sha256,
    recordDigest: digestOf(record),
  };
  writeFileSync(beside('record.json'), JSON.stringify(record));
  writeFileSync(beside('proof.json'), JSON.stringify(proof));
  await expect(proven()).resolves.toBeDefined(); // nobody can tell without decrypting

  const found = /file: (?:expected a file that its identity decrypts, whole and unchanged, found )?age: /;
  const refused = { type: 'BackupNotProven', message: expect.stringMatching(found) };
  const postgres = openPostgres({ url: database.url, applicationName: 'test' });
  const filling = postgres.withClient((client) =>
    loadBackupValues({ client, environment, signal: new AbortController().signal }, record),
  );
  await expect(filling).rejects.toMatchObject(refused);
  rmSync(beside('proof.json'));
  await expect(prove()).rejects.toMatchObject(refused);
});
