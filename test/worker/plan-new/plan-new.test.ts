import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parsePlanFile } from '../../../contract/plan/plan-file';
import type { wordFor } from '../../../contract/plan/removals';
import { editorFaults } from '../../support/looks/editor-schema';
import { command } from '../../support/looks/command-line';
import { newSealPair } from '../../../activities/environment/seal-keys';
import { openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

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
  const pair = newSealPair();
  const example = parse(readFileSync(join(__dirname, '../../../rubicon.example.yaml'), 'utf8')) as {
    seals: { staging: object };
    targets: Record<string, { staging: { postgres: string; redis?: string; application: Record<string, unknown> } }>;
  };
  for (const { staging: fields } of Object.values(example.targets)) {
    fields.postgres = 'env:TEST_STAGING_URL';
    delete fields.redis;
    fields.application = { url: 'http://127.0.0.1:9', health: {}, probeKey: 'env:TEST_STAGING_KEY' };
  }
  example.seals.staging = { private: 'env:TEST_STAGING_SEAL', public: pair.public };
  writeFileSync(settings, stringify(example));
  const keys = { TEST_STAGING_KEY: 'none', TEST_STAGING_SEAL: pair.private };
  Object.assign(process.env, { TEST_STAGING_URL: staging.database.url, ...keys });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await staging.close();
});

const planNewBy = (name: string, ...options: string[]) =>
  command(['plan', 'new', name, '--config', settings, '--folder', join(folder, 'plans'), ...options]);
const planNew = (name: string, ...drops: string[]) => planNewBy(name, ...drops.flatMap((drop) => ['--drop', drop]));
const check = (name: string) => command(['plan', 'check', join(folder, 'plans', name)]);
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

describe('each kind of plan is written, passes plan check, and shows nothing to correct in an editor', () => {
  const written = {
    columns: {
      options: ['--drop', 'sessions.owner_api_key'],
      plan: { removes: [{ column: 'sessions.owner_api_key', replacedBy: 'owner_api_key_hash' }] },
    },
    tables: {
      options: ['--drop-table', 'notes', '--drop-table', 'sessions'],
      plan: { removes: [{ table: 'notes', primaryKey: ['account', 'number'] }, { table: 'sessions' }] },
    },
    rows: {
      options: ['--delete-rows', 'notes', '--where', 'account=7', '--where', 'detail=a = b'],
      plan: {
        removes: [{ table: 'notes', where: { account: '7', detail: 'a = b' }, primaryKey: ['account', 'number'] }],
      },
    },
    partitions: {
      options: ['--detach', 'events_2023'],
      plan: { removes: [{ partition: 'events_2023', of: 'events', primaryKey: ['id', 'at'] }] },
    },
    indexes: {
      options: ['--drop-index', 'idx_sessions_owner_api_key_hash'],
      plan: { removes: [{ index: 'idx_sessions_owner_api_key_hash' }] },
    },
    'external resources': {
      options: ['--external', 'bucket old-exports'],
      plan: { removes: [{ external: 'bucket old-exports' }], restore: 'none' },
    },
  } satisfies Record<ReturnType<typeof wordFor>, { options: string[]; plan: object }>;

  beforeAll(async () => {
    await staging.database.query('create table events (id int, at date, primary key (id, at)) partition by range (at)');
    await staging.database.query(
      `create table events_2023 partition of events for values from ('2023-01-01') to ('2024-01-01')`,
    );
  });

  test.each(Object.entries(written))('%s', async (kind, { options, plan }) => {
    const name = `remove-${kind.replaceAll(' ', '-')}`;
    await expect(planNewBy(name, ...options)).resolves.toMatchObject({ code: 0 });
    await expect(check(name)).resolves.toMatchObject({ code: 0 });
    const text = textOf(name);
    expect(parsePlanFile(name, text)).toMatchObject({ plan });
    expect(editorFaults('plan.schema.json', text)).toEqual([]);
    const [, schema = ''] = /^# yaml-language-server: \$schema=(.+)$/m.exec(text) ?? [];
    expect(existsSync(join(folder, 'plans', name, schema))).toBe(true);
  });

  test('a partition is named with its bound; a table of its own is none', async () => {
    expect(textOf('remove-partitions')).toContain(
      `# events_2023 has rows FOR VALUES FROM ('2023-01-01') TO ('2024-01-01'), 0 rows in staging.`,
    );
    await expect(planNewBy('no-partition', '--detach', 'notes')).resolves.toMatchObject({
      ...{
        code: 1,
        err: expect.stringContaining('expected notes to be a partition, found a table of its own; use --drop-table'),
      },
    });
  });

  test('a comment says how many rows of staging are meant', async () => {
    await staging.database.query(`insert into notes values (8, 1, 'x'), (8, 2, 'y'), (9, 1, 'z')`);
    await expect(planNewBy('rows-of-8', '--delete-rows', 'notes', '--where', 'account=8')).resolves.toMatchObject({
      code: 0,
    });
    expect(textOf('rows-of-8')).toContain('# notes: 2 of 3 rows in staging.');
  });

  test.each([
    [[], 'expected what the plan removes, such as --drop table.column, found nothing'],
    [
      ['--drop', 'notes.detail', '--external', 'x'],
      'expected one kind a plan, found --drop and --external; write one plan for each',
    ],
    [
      ['--delete-rows', 'notes'],
      'expected --where column=value beside --delete-rows, found none; for all rows it is --drop-table',
    ],
    [
      ['--drop-table', 'notes', '--where', 'account=1'],
      'expected --where beside --delete-rows alone, found it beside --drop-table',
    ],
    [['--delete-rows', 'notes', '--where', 'account'], '--where: expected column=value, found "account"'],
    [['--drop-table', 'a.b.c'], '--drop-table: expected "table" or "schema.table", found "a.b.c"'],
  ])('%j is refused', async (options, message) => {
    const { code, err } = await planNewBy('refused', ...options);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`${message}\nUsage: `) });
  });

  test.each([
    [['--drop-table', 'nowhere.at_all'], 'expected a table nowhere.at_all in staging, found none'],
    [
      ['--delete-rows', 'notes', '--where', 'tenant=1'],
      'expected a column notes.tenant in staging for --where, found none',
    ],
    [
      ['--delete-rows', 'notes', '--where', 'account=x'],
      "values of --where that columns of notes can have, found one that is not of its column's type (SQLSTATE 22P02)",
    ],
  ])('%j is not there', async (options, message) => {
    const { code, err } = await planNewBy('missing', ...options);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(message) });
    expect(() => textOf('missing')).toThrow(/ENOENT/);
  });
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
