import { openPostgres } from '../../../adapters/postgres/postgres';
import { differences, differenceText } from '../../../adapters/catalogue/catalogue-differences';
import { snapshotOf } from '../../../adapters/catalogue/catalogue-snapshot';
import { installStatements } from '../../../sql/install';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { kind } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';

// Whole tables with all that a catalogue can say of them: sequences of every shape, constraints on the clock, rights that
// were granted on, comments on everything.

const tag = `${process.pid}_${Date.now()}`;
const [owner, reader, friend] = ['owner', 'reader', 'friend'].map((name) => `${name}_${tag}`) as [
  string,
  string,
  string,
];

const everything = kind(
  {
    removes: [
      { table: 'desk.replies', primaryKey: ['id'] },
      { table: 'desk.tickets', primaryKey: ['id'] },
      { table: 'desk.empty' },
    ],
  },
  [
    ...[owner, reader, friend].map((role) => `create role ${role}`),
    `grant ${reader} to ${friend}`,
    'create schema desk',
    `grant create, usage on schema desk to ${owner}`,
    `grant usage on schema desk to ${reader}, ${friend}`,
    'create sequence desk.free start 70 increment 5',
    'create sequence desk.ticket as smallint maxvalue 900 increment -1 minvalue -900 start 800 cache 3',
    'create sequence desk.number',
    `create table desk.tickets (
       id text primary key default 'TCK-' || lpad(nextval('desk.number')::text, 6, '0'),
       amount numeric(19, 0) not null default nextval('desk.ticket'),
       loose int default nextval('desk.free'),
       ends_at timestamptz, note text, tags text[],
       counted bigint generated always as identity (start 1000 increment 10 minvalue 10 maxvalue 2000 cycle cache 4),
       constraint open check (ends_at > now()),
       constraint odd check (loose > 0) no inherit,
       constraint later check (length(note) < 3) not valid,
       constraint one_note unique nulls not distinct (note, loose) deferrable initially deferred)`,
    'alter table desk.tickets add constraint another_key unique (id)', // a dump makes it before the primary key
    'alter sequence desk.number owned by desk.tickets.id',
    'alter sequence desk.ticket owned by desk.tickets.amount',
    `create table desk.replies (id int primary key default nextval('desk.number'), ticket text references desk.tickets (id), at date)`,
    'create unlogged table desk.empty (id serial primary key)',
    'alter table desk.tickets drop constraint open, drop constraint later, add constraint later check (length(note) < 3) not valid',
    `insert into desk.tickets (ends_at, tags) select '2001-01-01', array['a', null] from generate_series(1, 30)`,
    'alter table desk.tickets drop constraint later',
    `insert into desk.tickets (ends_at, note) values ('2001-01-01', 'long')`,
    'alter table desk.tickets add constraint later check (length(note) < 3) not valid, add constraint open check (ends_at > now()) not valid',
    `insert into desk.replies (ticket, at) select id, '2001-01-01' from desk.tickets`,
    "update pg_constraint set convalidated = true where conname = 'open'", // as time does it
    ...['number', 'ticket', 'empty_id_seq'].map((name) => `select nextval('desk.${name}')`),
    // All that is said of it, and set on it.
    `create index words on desk.tickets (lower(note), (loose + 1)) include (amount) with (fillfactor = 70) where note is not null`,
    'alter index desk.words alter column 2 set statistics 400',
    'create statistics desk.kinds (mcv, dependencies) on note, (loose + 1), amount from desk.tickets',
    'alter statistics desk.kinds set statistics 300',
    'alter table desk.tickets alter note set storage external, alter note set compression pglz, alter note set (n_distinct = 9), alter loose set statistics 0',
    'alter table desk.tickets set (fillfactor = 80, toast.autovacuum_enabled = off)',
    'alter table desk.tickets cluster on tickets_pkey',
    'alter table desk.tickets replica identity full',
    'create function desk.touch() returns trigger language plpgsql as $$ begin return new; end $$',
    'create trigger touched before update of note on desk.tickets for each row when (old.loose > 0) execute function desk.touch()',
    'alter table desk.tickets enable always trigger touched',
    'create rule kept as on delete to desk.tickets where old.loose = 9 do instead nothing',
    `create policy own on desk.tickets for select to ${reader} using (loose > 5)`,
    'alter table desk.tickets enable row level security',
    'alter table desk.tickets force row level security',
    ...[
      ...[
        'table desk.tickets',
        'column desk.tickets.note',
        'constraint odd on desk.tickets',
        'constraint open on desk.tickets',
      ],
      ...[
        'constraint one_note on desk.tickets',
        'index desk.words',
        'statistics desk.kinds',
        'trigger touched on desk.tickets',
      ],
      ...['rule kept on desk.tickets', 'policy own on desk.tickets', 'sequence desk.ticket', 'type desk.tickets'],
      'constraint replies_ticket_fkey on desk.replies',
    ].map((what) => `comment on ${what} is 'of ${what}'`),
    // Rights, granted on; and what a new table has by default.
    ...['tickets', 'replies', 'empty'].map((table) => `alter table desk.${table} owner to ${owner}`),
    `alter statistics desk.kinds owner to ${owner}`,
    `grant select, update on desk.tickets to ${reader} with grant option`,
    `grant insert (note) on desk.tickets to ${reader} with grant option`,
    `grant usage on sequence desk.ticket to ${reader} with grant option`,
    `grant usage on type desk.tickets to ${friend}`,
    `revoke delete on desk.tickets from ${owner}`,
    `set role ${reader}`,
    `grant select on desk.tickets to ${friend}, public`,
    `grant insert (note), update (loose) on desk.tickets to ${friend}`,
    `grant usage on sequence desk.ticket to ${friend}`,
    'reset role',
    `alter default privileges in schema desk grant all on tables to ${friend}`,
    `alter default privileges in schema desk grant all on sequences to ${friend}`,
  ],
);

let at: KindStage;
const worker = `worker_${tag}`;
beforeEach(async () => {
  at = await openKindStage(everything);
  // With the least rights: see `furtherRights` of sql/install.ts.
  const { database, environment } = at.stage;
  for (const sql of [
    `create role ${worker} login password 'planted' bypassrls`,
    `grant temporary on database ${database.name} to ${worker}`,
    ...installStatements({ environment: environment.name, target: 'agent-api', role: worker }).map((each) => each.sql),
    `grant ${owner}, ${reader}, pg_read_all_data, pg_read_all_stats to ${worker}`,
    `grant select, update on alembic_version to ${worker}`,
    `grant set on parameter session_replication_role, deadlock_timeout to ${worker}`,
    `grant execute on function pg_control_system(), pg_control_checkpoint() to ${worker}`,
  ])
    await database.query(sql);
  environment.postgresUrl = Object.assign(new URL(database.url), { username: worker, password: 'planted' }).href;
});
afterEach(() => at.stage.close());

const targets = ['tickets', 'replies', 'empty'].map((table) => ({ schema: 'desk', table }));
const look = async () => {
  const postgres = openPostgres({ url: at.stage.database.url, applicationName: 'test snapshot' });
  const catalogue = await postgres.withClient((client) => snapshotOf(client, targets));
  await postgres.close();
  return catalogue;
};
const sequences = async () => {
  const names = await at.query<{ name: string }>(
    `select format('%I.%I', schemaname, sequencename) as name from pg_sequences where schemaname = 'desk' order by 1`,
  );
  const found: unknown[] = [];
  for (const { name } of names)
    found.push({ name, ...(await at.query(`select last_value, is_called from ${name}`))[0] });
  return found;
};
const rows = () =>
  at.query('select t.*::text as t from desk.tickets t union all select r.*::text from desk.replies r order by 1');

test('there and back: every attribute, every right with its grantor, every sequence where it was', async () => {
  const before = { catalogue: await look(), rows: await rows() };
  await at.backUp();
  await at.query(`select nextval('desk.number')`); // somebody may draw one until the last moment
  const positions = await sequences();
  await dropNow(at.stage, at.prepared);
  const told = await at.takeBack();
  expect(differences(before.catalogue, await look()).map(differenceText)).toEqual([
    'table constraint open on desk.tickets: convalidated was true, is nothing',
    'table constraint open on desk.tickets: definition was CHECK ((ends_at > now())), is CHECK ((ends_at > now())) NOT VALID',
  ]);
  expect(await rows()).toEqual(before.rows);
  expect(await sequences()).toEqual(positions);
  expect(
    await at.query(
      `select conindid::regclass::text as leans_on from pg_constraint where conname = 'replies_ticket_fkey'`,
    ),
  ).toEqual([{ leans_on: 'desk.tickets_pkey' }]);
  expect(told.filter(({ status }) => status === 'not covered').map(({ check }) => check)).toEqual([
    'constraint open of tickets',
  ]);
});
