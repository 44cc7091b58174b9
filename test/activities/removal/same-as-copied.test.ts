import { createDrop } from '../../../activities/removal/drop';
import { findCopies } from '../../../activities/backup/copy-folder';
import { requireSameAsCopied, requireUnchanged, type Compared } from '../../../activities/removal/same-as-copied';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { refuseWriteSource } from '../../../sql/freeze';
import { readState } from '../../support/looks/database-state';
import { openKindStage } from '../../support/stages/kind-stage';
import { extendedKind, oneTenant, valuesByRow, type PlanKind } from '../../support/inputs/plan-kinds';
import { prepareDropUnrestored, takeOutOfUse, type ReadyToDrop } from '../../support/stages/ready-to-drop';
import { electorate, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

// What is dropped is what was copied, looked at in the transaction of the drop: whatever got past the freeze.

let stage: SampleEnvironment;
let ready: ReadyToDrop;
afterEach(() => stage.close());

/** Out of use, without a backup: what is looked at is the copy alone. */
async function open(kind: PlanKind): Promise<void> {
  const at = await openKindStage(kind);
  ({ stage } = at);
  ready = await takeOutOfUse(stage, at.prepared);
}

const query = (sql: string) => stage.database.query(sql);
const drop = () => createDrop({ environment: stage.find, electorate })(ready);

/** As the transaction of a drop looks; `meanwhile` is done before it has its lock. */
async function look(...meanwhile: string[]): Promise<Compared> {
  const [copy] = await findCopies(stage.environment, ready.run);
  if (copy === undefined) throw new Error('expected a copy');
  const postgres = openPostgres({ url: stage.environment.postgresUrl, applicationName: 'rubicon look' });
  return postgres
    .withClient((client) =>
      withTransaction(client, {}, async () => {
        const seen = await requireSameAsCopied(
          { client, environment: stage.environment },
          { plan: ready.plan, copy },
          undefined,
        );
        for (const sql of meanwhile) await query(sql);
        await requireUnchanged(client, ready.plan, seen);
        return seen.compared;
      }),
    )
    .finally(() => postgres.close());
}

/** As an owner writes who switches the freeze off and on again, which nobody sees afterwards. */
async function pastTheFreeze(table: string, sql: string): Promise<void> {
  await query(`alter table ${table} disable trigger user`);
  await query(sql);
  const triggers = await stage.database.query<{ name: string }>(
    `select quote_ident(tgname) as name from pg_trigger where tgrelid = '${table}'::regclass and tgname like 'rubicon_freeze%'`,
  );
  for (const { name } of triggers) await query(`alter table ${table} enable always trigger ${name}`);
}

type Case = [table: string, change: string, undo: string, found: string | RegExp];

/** Each is refused until what undoes it is done. */
async function refuses(cases: readonly Case[], looking: () => Promise<unknown> = look): Promise<void> {
  for (const [table, change, undo, found] of cases) {
    await pastTheFreeze(table, change);
    const outcome = await looking().then(
      () => 'dropped',
      (error: Error) => error.message,
    );
    expect({ change, outcome }).toEqual({ change, outcome: expect.stringMatching(found) as string });
    await pastTheFreeze(table, undo);
  }
}

/** By the drop itself: nothing was changed. */
async function dropUnchanged(): Promise<void> {
  const before = await readState(stage.database);
  await drop().finally(async () => expect(await readState(stage.database)).toEqual(before));
}

test('columns that something replaces: rows that are deleted meanwhile may be missing, and nothing else may be there', async () => {
  stage = await openSampleEnvironment();
  ready = await takeOutOfUse(stage, await prepareDropUnrestored(stage));
  const key = 'rubicon_hidden_owner_api_key';
  const cases: Case[] = [
    [
      'sessions',
      `update sessions set ${key} = 'written', owner_api_key_hash = encode(sha256('written'), 'hex') where id = (select min(id::text)::uuid from sessions where ${key} is null)`,
      `update sessions set ${key} = null, owner_api_key_hash = null where ${key} = 'written'`,
      /^expected to drop the 719 rows with a value that were copied, found 720: 1 with a value that was not copied; .* nothing was changed; answer "abort"/,
    ],
    [
      'sessions',
      `insert into sessions (title, ${key}, owner_api_key_hash) select 'again', ${key}, owner_api_key_hash from sessions where ${key} is not null limit 2`,
      `delete from sessions where title = 'again'`,
      'found 721: more than were copied',
    ],
  ];
  await refuses(cases, dropUnchanged);
  await nothingGetsIn();
  const gone = await query(
    `delete from sessions where ctid in (select ctid from sessions where ${key} is not null limit 9) returning id`,
  );
  await expect(drop()).resolves.toMatchObject({ rows: { copied: 719, dropped: 719 - gone.length } });
});

test('columns that nothing replaces: another value, another key, and the same again', async () => {
  await open(valuesByRow);
  const not = (count: number) => `${count} with a value that was not copied`;
  await refuses([
    [
      'notes',
      `update notes set rubicon_hidden_score = rubicon_hidden_score + 1e-9 where tenant = 1`,
      `update notes set rubicon_hidden_score = rubicon_hidden_score - 1e-9 where tenant = 1`,
      not(86),
    ],
    [
      'notes',
      `update notes set tenant = 99 where tenant = 2`,
      `update notes set tenant = 2 where tenant = 99`,
      not(86 * 8),
    ],
  ]);
  await query('delete from notes where tenant = 3');
  await expect(look()).resolves.toEqual({ copied: 4800, removedWhere: 4800 - 86 * 8 });
});

test('rows: one less, one more, another value', async () => {
  await open(oneTenant);
  const hidden = 'rubicon_hidden_orders';
  const others = /^expected to drop the 6999 rows that were copied, found \d+: others, or with other values/;
  await query(`create table aside as select * from ${hidden} limit 1`);
  await refuses([
    [
      hidden,
      `delete from ${hidden} where id in (select id from aside)`,
      `insert into ${hidden} select * from aside`,
      others,
    ],
    [
      hidden,
      `insert into ${hidden} select * from aside`,
      `delete from ${hidden} where ctid = (select max(ctid) from ${hidden})`,
      others,
    ],
    [hidden, `update ${hidden} set note = note || ' '`, `update ${hidden} set note = left(note, -1)`, others],
  ]);
  await query('drop table aside');
  await expect(look()).resolves.toEqual({ copied: 6999, removedWhere: 6999 });
});

const tables = extendedKind({ removes: [{ table: 'pages' }, { table: 'visits' }] }, [
  'create table pages (id int primary key, hits numeric(9, 2), body text)',
  'create table visits (id int primary key, page int references pages)',
  `insert into pages select n, n + 0.25, 'body ' || n from generate_series(1, 200) n`,
  'insert into visits select n, n from generate_series(1, 101) n',
]);

test('tables: another value, another type of a column, no row at all', async () => {
  await open(tables);
  const [pages, visits] = ['rubicon_hidden_pages', 'rubicon_hidden_visits'];
  const others = /^expected to drop the 301 rows that were copied, found \d+: others, or with other values/;
  await query(`create table aside as select * from ${visits}`);
  const restored = `alter table ${pages} alter hits type numeric(9, 2) using id + 0.25`;
  await refuses([
    [pages, `update ${pages} set hits = hits + 0.01`, `update ${pages} set hits = hits - 0.01`, others],
    [pages, `alter table ${pages} alter hits type numeric(9, 1)`, restored, others],
    [pages, `alter table ${pages} add since int`, `alter table ${pages} drop since`, others],
    [visits, `truncate ${visits}`, `insert into ${visits} select * from aside`, 'found 200: others'],
  ]);
});

const parted = extendedKind({ removes: [{ table: 'events' }] }, [
  'create table events (id int, day int, note text, primary key (id, day)) partition by range (day)',
  'create table events_1 partition of events for values from (1) to (11)',
  `insert into events select n, n % 10 + 1, 'note ' || n from generate_series(1, 300) n`,
  'create table events_2 (like events including all)',
  `insert into events_2 values (1, 11, 'of another partition')`,
]);

test('a partition that somebody attaches between the look and the lock is seen', async () => {
  await open(parted);
  const attach = `alter table rubicon_hidden_events attach partition events_2 for values from (11) to (21)`;
  const impatient = `select set_config('lock_timeout', '300ms', true); ${attach}`;
  await expect(look(impatient)).rejects.toThrow(/lock timeout/); // the look holds the table
  await expect(look()).resolves.toEqual({ copied: 300, removedWhere: 300 });
  await query(attach);
  await expect(look()).rejects.toThrow(/^expected to drop the 300 rows that were copied, found 301: others/);
});

const policed = extendedKind({ removes: [{ table: 'secrets', where: { tenant: '1' } }] }, [
  'create table secrets (id int primary key, tenant int, note text)',
  `insert into secrets select n, n % 2, 'note ' || n from generate_series(1, 200) n`,
  'create policy own on secrets using (id > 50)',
  'alter table secrets enable row level security, force row level security',
]);

test('rows that a policy hides from the owner are copied and compared, too', async () => {
  await open(policed);
  await expect(look()).resolves.toEqual({ copied: 100, removedWhere: 100 });
});

/** Between the look and the lock. */
async function nothingGetsIn(): Promise<void> {
  const trigger = 'rubicon_freeze_insert_owner_api_key';
  const toggle = ['disable', 'enable always'].map((how) => `alter table sessions ${how} trigger ${trigger}`);
  const refuse = (body: string) =>
    `create or replace function rubicon.refuse_write() returns trigger language plpgsql as $$${body}$$`;
  const again = { reaction: 'retry' };
  await expect(look(...toggle)).rejects.toMatchObject(again);
  await expect(look(refuse('begin return new; end'))).rejects.toMatchObject(again);
  await query(refuse(refuseWriteSource));
  const others = ['vacuum analyze sessions', `insert into sessions (title) values ('t')`];
  await expect(look(...others)).resolves.toEqual({ copied: 719, removedWhere: 719 });
}
