import { openPostgres } from '../../../adapters/postgres/postgres';
import { differences, differenceText } from '../../../adapters/catalogue/catalogue-differences';
import { snapshotOf } from '../../../adapters/catalogue/catalogue-snapshot';
import { createUnhide } from '../../../activities/removal/unhide';
import { fetchPostgres18 } from '../../support/servers/fetch-postgres18';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { kind, kindOn18 } from '../../support/inputs/plan-kinds';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';

// A partition with all that a catalogue can say of it, some of its own and some from above, on the oldest and on the newest
// server. Since PostgreSQL 17 identities come from above, since 18 NOT NULL has a name.

const [owner, reader] = ['owner', 'reader'].map((name) => `${name}_${process.pid}_${Date.now()}`) as [string, string];

const schema = [
  `create role ${owner}`,
  `create role ${reader}`,
  'create schema log',
  `grant create, usage on schema log to ${owner}`,
  'create table log.people (name text primary key)',
  `insert into log.people values ('anna'), ('otto')`,
  `create table log.lines (gone text, number bigint generated always as identity, on_day date not null, kind int not null, who text references log.people (name) on delete restrict,
     said text collate "C" default 'nothing', constraint sayable check (said <> ''), primary key (on_day, kind, number)) partition by range (on_day, kind)`,
  'alter table log.lines drop column gone',
  // With its columns in another order, as a table that was attached later has them.
  `create table log.old_lines (said text collate "C" default 'something', kind int not null, who text, number bigint not null, on_day date not null, lost int,
     length int generated always as (length(said)) stored, constraint sayable check (said <> ''), constraint odd check (kind > 0) no inherit)`,
  'alter table log.old_lines drop column lost, drop column length',
  'alter table log.lines add column own serial',
  'alter table log.old_lines add column own int not null default 7',
  `alter table log.lines attach partition log.old_lines for values from ('2020-01-01', minvalue) to ('2021-01-01', 5)`,
  `create table log.new_lines partition of log.lines for values from ('2021-01-01', 5) to (maxvalue, maxvalue)`,
  `insert into log.lines (on_day, kind, who, said) select '2020-01-02'::date + n, n, 'anna', E'"\\t' || n from generate_series(1, 300) n`,
  'create index said on log.lines (lower(said)) include (kind)',
  `create unique index once on log.old_lines (said) where kind > 9`,
  'create statistics log.of_old (mcv) on kind, who from log.old_lines',
  'alter table log.old_lines alter said set statistics 300, alter said set storage external, alter kind set (n_distinct = 9)',
  'alter table log.old_lines set (fillfactor = 80, autovacuum_enabled = off)',
  'create index by_kind on log.old_lines (kind)',
  'alter table log.old_lines cluster on by_kind',
  'alter table log.old_lines replica identity full',
  'create function log.touch() returns trigger language plpgsql as $$ begin return new; end $$',
  'create trigger above after update of said on log.lines for each row execute function log.touch()',
  'create trigger own before insert on log.old_lines for each row execute function log.touch()',
  'alter table log.old_lines enable always trigger own',
  `create policy own on log.old_lines for select to ${reader} using (kind > 5)`,
  'alter table log.old_lines enable row level security',
  ...['table log.old_lines', 'column log.old_lines.said', 'constraint odd on log.old_lines', 'index log.once'].map(
    (what) => `comment on ${what} is 'of ${what}'`,
  ),
  `grant select, update on log.old_lines to ${reader} with grant option`,
  `grant insert (said) on log.old_lines to ${reader}`,
  ...['lines', 'old_lines', 'new_lines'].map((table) => `alter table log.${table} owner to ${owner}`),
];

const removes = [{ partition: 'log.old_lines', of: 'log.lines', primaryKey: ['on_day', 'kind', 'number'] }];

beforeAll(() => fetchPostgres18(), 600_000);

describe.each([
  ['15', kind({ removes }, schema)],
  ['18', kindOn18({ removes }, schema)],
])('on PostgreSQL %s', (_, everything) => {
  let at: KindStage;
  beforeAll(async () => {
    at = await openKindStage(everything);
  });
  afterAll(() => at.stage.close());

  const look = async () => {
    const postgres = openPostgres({ url: at.stage.database.url, applicationName: 'test snapshot' });
    const targets = ['lines', 'old_lines'].map((table) => ({ schema: 'log', table }));
    return postgres.withClient((client) => snapshotOf(client, targets)).finally(() => postgres.close());
  };
  const rows = () => at.query('select * from log.lines order by number');

  test('detached and attached again: every attribute', async () => {
    const before = { catalogue: await look(), rows: await rows() };
    await takeOutOfUse(at.stage, at.prepared);
    expect(await rows()).toHaveLength(0);
    await createUnhide({ environment: at.stage.find })(at.prepared);
    expect(differences(before.catalogue, await look()).map(differenceText)).toEqual([]);
    expect(await rows()).toEqual(before.rows);
  });

  test('dropped and built again: every attribute, but for what depends on which was made first', async () => {
    const before = { catalogue: await look(), rows: await rows() };
    await at.backUp();
    await dropNow(at.stage, at.prepared);
    const told = await at.takeBack();
    const left = differences(before.catalogue, await look()).map(differenceText);
    expect(left.filter((line) => !line.includes(': connoinherit '))).toEqual([]);
    expect(await rows()).toEqual(before.rows);
    expect(told.filter(({ status }) => status === 'not covered')).toEqual([]);
    await at.query(`insert into log.lines (on_day, kind, said) values ('2020-05-05', 1, 'new')`);
    await expect(at.query(`update log.old_lines set who = 'nobody'`)).rejects.toMatchObject({ code: '23503' });
  });
});
