import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Environment } from '../../../activities/environment/environment';
import { knownPlan } from '../../../activities/statements/known-plan';
import { digestOf } from '../../../contract/text/digest';
import { readPlanFile } from '../../../sql/statements/read-plan-file';
import { readFileSync } from 'node:fs';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

const name = 'drop-plaintext-api-keys';
let stage: SampleEnvironment;
let environment: Environment;
let folder: string;
let file: string;
let planDigest: string;
beforeEach(async () => {
  stage = await openSampleEnvironment();
  folder = mkdtempSync(path.join(tmpdir(), 'rubicon-test-plans-'));
  cpSync(path.join(__dirname, '../../../plans', name), path.join(folder, name), { recursive: true });
  file = path.join(folder, name, 'plan.yaml');
  environment = { ...stage.environment, plans: [folder] };
  const read = await readPlanFile(name, readFileSync(file, 'utf8'));
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  planDigest = digestOf(read.plan);
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await stage.close();
});

const unknown = { type: 'InvalidInput', message: expect.stringContaining('a plan that this worker knows') };

test('a plan of its folders is known, and stays so when its file is edited or gone', async () => {
  await expect(knownPlan(environment, { planDigest })).resolves.toMatchObject({ name });
  writeFileSync(file, readFileSync(file, 'utf8').replace('limit 20', 'limit 10'));
  await expect(knownPlan(environment, { planDigest })).resolves.toMatchObject({ name });
  rmSync(file);
  await expect(knownPlan(environment, { planDigest })).resolves.toMatchObject({ name });
});

test('one that was never there is not, nor one that was kept and changed', async () => {
  await expect(knownPlan({ ...environment, plans: [] }, { planDigest })).rejects.toMatchObject(unknown);
  await knownPlan(environment, { planDigest });
  const kept = path.join(environment.backupFolder, 'plans');
  expect(readdirSync(kept)).toEqual([`${planDigest}.json`]);
  const keptFile = path.join(kept, `${planDigest}.json`);
  writeFileSync(keptFile, readFileSync(keptFile, 'utf8').replace('limit 20', 'limit 10'));
  await expect(knownPlan({ ...environment, plans: [] }, { planDigest })).rejects.toMatchObject(unknown);
  for (const text of ['', 'null', '{"name":']) {
    writeFileSync(keptFile, text);
    await expect(knownPlan({ ...environment, plans: [] }, { planDigest })).rejects.toMatchObject(unknown);
  }
});

test('one that was dropped is known by the database, when nothing else is left', async () => {
  const { plan } = firstPlan();
  await stage.database.query(
    `insert into rubicon.dropped (workflow_id, first_run, plan, captured) values ('w', 'r', $1, '[]')`,
    [JSON.stringify(plan)],
  );
  const alone = { ...environment, plans: [] };
  await expect(knownPlan(alone, { planDigest: digestOf(plan) })).resolves.toEqual(plan);
  await expect(knownPlan(alone, { planDigest })).rejects.toMatchObject(unknown);
  await stage.database.query('drop schema rubicon cascade');
  await expect(knownPlan(alone, { planDigest: digestOf(plan) })).rejects.toMatchObject(unknown);
});
