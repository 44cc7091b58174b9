import { openPostgres } from '../../../adapters/postgres/postgres';
import { differences, differenceText } from '../../../adapters/catalogue/catalogue-differences';
import { snapshotOf } from '../../../adapters/catalogue/catalogue-snapshot';
import { obstacles } from '../../../contract/run/findings';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { kind } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';

// Columns with all that a catalogue can say of them, and with what names them beside other columns.

const tag = `${process.pid}_${Date.now()}`;
const [owner, reader, friend] = ['owner', 'reader', 'friend'].map((name) => `${name}_${tag}`) as [
  string,
  string,
  string,
];
const names = ['body', 'ends_at', 'folder', 'place', 'facts'];

const everything = kind({ removes: names.map((column) => ({ column: `desk.notes.${column}`, primaryKey: ['id'] })) }, [
  ...[owner, reader, friend].map((role) => `create role ${role}`),
  'create schema desk',
  `grant usage, create on schema desk to ${owner}`,
  `grant usage on schema desk to ${reader}`,
  'create table desk.folders (id int primary key)',
  'insert into desk.folders select generate_series(1, 9)',
  `create table desk.notes (id int primary key, gone int, title text, body text, ends_at timestamptz, folder int, place int, facts jsonb,
     constraint short check (length(body) < 100 or title is not null) no inherit,
     constraint open check (ends_at > '2000-01-01'),
     constraint in_folder foreign key (folder) references desk.folders (id) on delete cascade deferrable,
     constraint one_place unique (folder, place) deferrable initially deferred)`,
  'alter table desk.notes drop column gone, drop constraint open',
  `insert into desk.notes select n, 'title', 'body ' || n, '2001-01-01', n % 9 + 1, n, jsonb_build_object('n', n) from generate_series(1, 200) n`,
  `insert into desk.notes (id, title) values (500, 'empty')`,
  'alter table desk.notes add constraint open check (ends_at > now()) not valid, add constraint later check (place < 5) not valid',
  "update pg_constraint set convalidated = true where conname = 'open'", // as time does it
  'create index words on desk.notes (lower(body), (place + 1), title) with (fillfactor = 70) where ends_at is not null',
  'alter index desk.words alter column 1 set statistics 400, alter column 2 set statistics 0',
  'create unique index for_replicas on desk.notes (id) include (body)',
  'create index placed on desk.notes (place)',
  'alter table desk.notes cluster on placed',
  'alter table desk.notes replica identity using index for_replicas',
  'create statistics desk.kinds (mcv, ndistinct) on body, (place + 1), title from desk.notes',
  'create statistics desk.single on (lower(body)) from desk.notes',
  'alter statistics desk.kinds set statistics 300',
  // An index keeps numbers of this column; the server has noted the storage of the column for them all the same.
  'create index paths on desk.notes using gin (facts jsonb_path_ops)',
  'alter table desk.notes alter facts set storage external',
  'alter table desk.notes alter body set storage external, alter body set compression pglz, alter body set (n_distinct = 9), alter place set statistics 0',
  ...[
    ...[
      'column desk.notes.body',
      'constraint short on desk.notes',
      'constraint open on desk.notes',
      'constraint in_folder on desk.notes',
    ],
    ...[
      'constraint one_place on desk.notes',
      'index desk.words',
      'index desk.one_place',
      'statistics desk.kinds',
      'statistics desk.single',
    ],
  ].map((what) => `comment on ${what} is 'of ${what}'`),
  `alter table desk.notes owner to ${owner}`,
  `alter statistics desk.kinds owner to ${owner}`,
  `grant select on desk.notes to ${reader}`,
  `grant update (body, place), references (folder) on desk.notes to ${reader} with grant option`,
  `set role ${reader}`,
  `grant update (body) on desk.notes to ${friend}`,
  'reset role',
]);

let at: KindStage;
beforeAll(async () => {
  at = await openKindStage(everything);
});
afterAll(() => at.stage.close());

const look = async (column?: string) => {
  const postgres = openPostgres({ url: at.stage.database.url, applicationName: 'test snapshot' });
  const target = { schema: 'desk', table: 'notes', ...(column !== undefined && { column }) };
  const catalogue = await postgres.withClient((client) => snapshotOf(client, [target]));
  await postgres.close();
  return catalogue;
};
const rows = () => at.query('select id, title, body, ends_at, folder, place, facts from desk.notes order by id');

test('a CHECK that wants a value, and a foreign key that would write the column, are found; others are not in the way', async () => {
  await at.query('alter table desk.notes add constraint wants check (place is not null) not valid');
  await at.query(
    'alter table desk.notes add constraint sets foreign key (place) references desk.folders on delete set null not valid',
  );
  const found = obstacles(await at.checkStructure());
  expect(found).toMatchObject([
    { check: 'table constraint wants on desk.notes', found: expect.stringContaining('could write no row') as string },
    { check: 'table constraint sets on desk.notes', found: expect.stringContaining('the freeze refuses') as string },
  ]);
  await at.query('alter table desk.notes drop constraint wants, drop constraint sets');
});

test('there and back: every attribute of the columns, their indexes, constraints and statistics, and every right', async () => {
  const before = { catalogue: await look(), rows: await rows() };
  const structure = await at.checkStructure();
  expect(obstacles(structure)).toEqual([]);
  const comesAgain = structure.filter(({ found }) => found.includes('a rollback makes it again'));
  expect(comesAgain.map(({ check }) => check).sort()).toEqual([
    'statistics object desk.kinds, with desk.notes.body',
    'statistics object desk.kinds, with desk.notes.place',
    'statistics object desk.single, with desk.notes.body',
    'table constraint in_folder on desk.notes, with desk.notes.folder',
    'table constraint later on desk.notes, with desk.notes.place',
    'table constraint open on desk.notes, with desk.notes.ends_at',
    'table constraint short on desk.notes, with desk.notes.body',
  ]);
  await at.backUp();
  await dropNow(at.stage, at.prepared);
  expect(
    await at.query(`select conname from pg_constraint where conrelid = 'desk.notes'::regclass and contype <> 'n'`),
  ).toEqual([{ conname: 'notes_pkey' }]);
  const told = await at.takeBack();
  expect(differences(before.catalogue, await look(), { moved: true }).map(differenceText)).toEqual([
    'index column desk.paths.facts: attstorage was e, is p',
    'table constraint open on desk.notes: convalidated was true, is nothing',
    'table constraint open on desk.notes: definition was CHECK ((ends_at > now())), is CHECK ((ends_at > now())) NOT VALID',
  ]);
  expect(await rows()).toEqual(before.rows);
  expect(told.filter(({ status }) => status === 'not covered').map(({ check }) => check)).toEqual([
    'constraint open of notes',
  ]);
});
