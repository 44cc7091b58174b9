import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parsePlanFile } from '../../contract/plan/plan-file';
import { command } from '../support/looks/command-line';
import { openSampleEnvironment, type SampleEnvironment } from '../support/stages/sample-environment';

let staging: SampleEnvironment;
let folder: string;
let settings: string;
beforeAll(async () => {
  staging = await openSampleEnvironment('staging');
  await staging.database.query(
    `create table notes (account int, number int, detail text, primary key (account, number))`,
  );
  folder = mkdtempSync(join(tmpdir(), 'rubicon-plan-new-'));
  settings = join(folder, 'rubicon.yaml');
  const example = parse(readFileSync(join(__dirname, '../../rubicon.example.yaml'), 'utf8')) as {
    targets: Record<string, { staging: { postgres: string; redis?: string; application: Record<string, unknown> } }>;
  };
  for (const { staging: fields } of Object.values(example.targets)) {
    fields.postgres = 'env:TEST_STAGING_URL';
    delete fields.redis;
    fields.application = { url: 'http://127.0.0.1:9', health: {}, probeKey: 'env:TEST_STAGING_KEY' };
  }
  writeFileSync(settings, stringify(example));
  Object.assign(process.env, { TEST_STAGING_URL: staging.database.url, TEST_STAGING_KEY: 'none' });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await staging.close();
});

const planNew = (name: string, ...drops: string[]) =>
  command([
    ...['plan', 'new', name, '--config', settings, '--folder', join(folder, 'plans')],
    ...drops.flatMap((drop) => ['--drop', drop]),
  ]);
const textOf = (name: string): string => readFileSync(join(folder, 'plans', name, 'plan.yaml'), 'utf8');

test('a column that another one stands for is found with its proof, index and revision; the plan passes plan check', async () => {
  const { code, out, err } = await planNew('drop-keys', 'sessions.owner_api_key', 'assistants.owner_api_key');
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringMatching(/places say "fill in"; then: rubicon plan check drop-keys$/m),
  });
  expect(out.trim()).toBe(join(folder, 'plans', 'drop-keys', 'plan.yaml'));
  const read = parsePlanFile('drop-keys', textOf('drop-keys'));
  expect(read).toMatchObject({
    plan: {
      revision: { table: 'alembic_version', from: '20260201_000006' },
      removes: [
        { column: 'sessions.owner_api_key', replacedBy: 'owner_api_key_hash' },
        { column: 'assistants.owner_api_key', replacedBy: 'owner_api_key_hash' },
      ],
      proof: `replacement = encode(sha256(convert_to(removed, 'UTF8')), 'hex')`,
      queries: [{ index: 'idx_sessions_owner_api_key_hash' }, { index: 'idx_assistants_owner_api_key_hash' }],
    },
  });
  await expect(command(['plan', 'check', join(folder, 'plans', 'drop-keys')])).resolves.toMatchObject({ code: 0 });
});

test('a column that nothing stands for is kept by its row, whatever its key', async () => {
  await expect(planNew('drop-detail', 'notes.detail')).resolves.toMatchObject({ code: 0 });
  const read = parsePlanFile('drop-detail', textOf('drop-detail'));
  expect(read).toMatchObject({ plan: { removes: [{ column: 'notes.detail', primaryKey: ['account', 'number'] }] } });
  expect(read).not.toHaveProperty('plan.proof');
});

test('names that need quotes get them, in the plan and in its statements', async () => {
  await staging.database.query(
    `create table "Order Details" ("Maß.neu" text, "Größe" text, "Order Id" int primary key)`,
  );
  await staging.database.query(`create index "by size" on "Order Details" ("Maß.neu")`);
  await staging.database.query(
    `insert into "Order Details" select md5(n::text), n::text, n from generate_series(1, 9) n`,
  );
  await expect(planNew('drop-size', '"Order Details".Größe')).resolves.toMatchObject({ code: 0 });
  expect(parsePlanFile('drop-size', textOf('drop-size'))).toMatchObject({
    plan: {
      removes: [{ column: 'Order Details.Größe', replacedBy: '"Maß.neu"' }],
      queries: [
        {
          sql: 'select "Order Id" from "Order Details" where "Maß.neu" = $1 order by "Order Id" limit 20',
          sample: 'Order Details."Maß.neu"',
          index: 'by size',
        },
      ],
    },
  });
  await expect(command(['plan', 'check', join(folder, 'plans', 'drop-size')])).resolves.toMatchObject({ code: 0 });
  const { out } = await command(['plan', 'show', join(folder, 'plans', 'drop-size')]);
  expect(out).toContain('alter table public."Order Details" rename column "Größe" to "rubicon_hidden_Größe"');
});

test('a column that is not there, and a database that does not answer, are said; nothing is written', async () => {
  await expect(planNew('nothing', 'sessions.no_such', 'nowhere.at_all')).resolves.toMatchObject({
    code: 1,
    err: expect.stringMatching(/expected a column sessions\.no_such in staging, found none\n.*nowhere\.at_all/),
  });
  process.env['TEST_STAGING_URL'] = 'postgres://nobody@127.0.0.1:1/nothing';
  await expect(planNew('nothing', 'sessions.owner_api_key')).resolves.toMatchObject({ code: 1 });
  process.env['TEST_STAGING_URL'] = staging.database.url;
  expect(() => textOf('nothing')).toThrow(/ENOENT/);
});
