import { withoutChecks } from '../../../adapters/database-copy/without-checks';
import { fingerprintTables } from '../../../adapters/rows/fingerprint';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { differences, differenceText } from '../../../adapters/catalogue/catalogue-differences';
import { snapshotOf, type SnapshotTarget } from '../../../adapters/catalogue/catalogue-snapshot';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { fetchPostgres18 } from '../../support/servers/fetch-postgres18';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { kindOn18, type PlanKind } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';
import { createDatabase } from '../../support/servers/servers';

// What PostgreSQL 18 has and earlier ones have not: constraints that are not enforced, generated columns that are not
// stored, NOT NULL with a name of its own that need not hold for old rows, keys without overlaps.

beforeAll(() => fetchPostgres18(), 600_000);

const made = [
  'create table folders (id int primary key)',
  'insert into folders select generate_series(1, 9)',
  `create table notes (id int primary key, tenant int, title text, body text, place int, folder int, lot int4range, during int4range,
     twice int generated always as (place * 2) virtual, longer text generated always as (title || '!') virtual,
     constraint never check (place > 1000) not enforced,
     constraint unheard check (body is null and tenant is null) not enforced,
     constraint in_folder foreign key (folder) references folders (id) not enforced,
     constraint place_is_there not null place no inherit)`,
  `insert into notes (id, tenant, title, body, place, folder, lot, during) select n, case n % 2 when 0 then 7 else 1 end, 't', 'b ' || n, n, n % 20, int4range(n % 3, 5), int4range(n, n + 1) from generate_series(1, 100) n`,
  'update notes set title = null where id % 10 = 0',
  'alter table notes add constraint title_is_there not null title not valid',
  'alter table notes add constraint low check (id < 5) not valid',
  ...['never', 'in_folder', 'place_is_there', 'title_is_there'].map(
    (name) => `comment on constraint ${name} on notes is 'of ${name}'`,
  ),
];
const withKey = [...made, 'alter table notes add constraint once unique (lot, during without overlaps)'];

async function look(at: KindStage, targets: SnapshotTarget[]) {
  const postgres = openPostgres({ url: at.stage.database.url, applicationName: 'test snapshot' });
  const catalogue = await postgres.withClient((client) => snapshotOf(client, targets));
  await postgres.close();
  return catalogue;
}

async function walk(plan: PlanKind, targets: SnapshotTarget[]): Promise<void> {
  const at = await openKindStage(plan);
  try {
    const rows = () =>
      at.query('select * from notes order by id').then((all) => all.map((row) => Object.entries(row).sort()));
    const before = { catalogue: await look(at, targets), rows: await rows() };
    expect(Object.keys(before.catalogue.objects).length).toBeGreaterThan(0);
    await at.backUp();
    await dropNow(at.stage, at.prepared);
    await at.takeBack();
    expect(await rows()).toEqual(before.rows);
    expect(differences(before.catalogue, await look(at, targets), { moved: true }).map(differenceText)).toEqual([]);
  } finally {
    await at.stage.close();
  }
}

const table = { schema: 'public', table: 'notes' };

test('a NOT NULL that is not valid is restored after the rows: whoever compares them sees the same before and after it', async () => {
  const { url, query, drop } = await createDatabase({ on: 'postgres18' });
  const postgres = openPostgres({ url, applicationName: 'test fingerprint' });
  const look = () =>
    postgres.withClient((client) => withTransaction(client, {}, () => fingerprintTables(client, [table])));
  await query('create table notes (id int primary key, title text, body text)');
  await query(`insert into notes values (1, null, 'b')`);
  const before = await look();
  await query('alter table notes add constraint title_is_there not null title not valid');
  await expect(look()).resolves.toEqual(before);
  await query('alter table notes alter body set not null'); // this one is another table
  await expect(look()).resolves.not.toEqual(before);
  await postgres.close();
  await drop();
});

test('rows that a NOT NULL need not hold for are laid into a copy, and it is as it was afterwards', async () => {
  const { url, query, drop } = await createDatabase({ on: 'postgres18' });
  await query('create table notes (id int primary key, title text, body text not null)');
  await query('alter table notes add constraint title_is_there not null title not valid');
  const nulls = () =>
    query(
      `select attname as name, attnotnull as needed from pg_attribute where attrelid = 'notes'::regclass and attnum > 0 order by 1`,
    );
  const before = await nulls();
  const refused = /null value in column/;
  await expect(query(`insert into notes values (1, null, 'b')`)).rejects.toThrow(refused);
  await withoutChecks({ url, applicationName: 'test copy' }, async () => {
    await query(`insert into notes values (1, null, 'b')`);
    await expect(query('insert into notes values (2, null, null)')).rejects.toThrow(refused);
  });
  expect(await nulls()).toEqual(before);
  await expect(query(`insert into notes values (3, null, 'b')`)).rejects.toThrow(refused);
  await drop();
});

test('columns: what is not enforced stays so, NOT NULL keeps its name', async () => {
  const columns = ['body', 'place', 'folder'];
  const removes = columns.map((column) => ({ column: `notes.${column}`, primaryKey: ['id'] }));
  const schema = made.map((sql) => sql.replace('twice int generated always as (place * 2) virtual, ', ''));
  await walk(kindOn18({ removes }, schema), [table]);
});

test('rows of a table with virtual columns, and with a key without overlaps', async () => {
  await walk(kindOn18({ removes: [{ table: 'notes', where: { tenant: '7' }, primaryKey: ['id'] }] }, withKey), [table]);
});

test('a whole table', async () => {
  await walk(kindOn18({ removes: [{ table: 'notes' }] }, withKey), [table]);
});

test('a whole table that another one inherited from: names of NOT NULL that the other one still has', async () => {
  const inherited = [
    'create table notes (id int primary key, title text not null, "lower case" text not null)',
    'create table kept_notes (extra int) inherits (notes)',
    'alter table kept_notes no inherit notes',
    `insert into notes select n, 't', 'l' from generate_series(1, 10) n`,
  ];
  await walk(kindOn18({ removes: [{ table: 'notes' }] }, inherited), [table]);
});
