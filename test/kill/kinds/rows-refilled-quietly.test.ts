import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { kind } from '../../support/inputs/plan-kinds';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';

// Rows that nobody could write any more, in a table where every write is noted by somebody, by trigger and by rule.

const noted = kind({ removes: [{ table: 'items', where: { tenant: '7' }, primaryKey: ['id'] }] }, [
  'create type pair as (a text, b int)',
  'create domain small as int',
  'create table items (id int primary key, tenant int, d jsonb, size small, sizes small[], p pair, code text unique, body text)',
  'create table audit (who text)',
  `insert into items select n, case n % 2 when 0 then 7 else n + 100 end, 'null', n, array[n], case n % 4 when 0 then ('', null)::pair end, 'code ' || n
     from generate_series(1, 60) n`,
  `update items set body = (select string_agg(md5(n::text), '') from generate_series(1, 300) n) where id in (2, 3)`,
  'create table kinds (id int primary key)',
  'alter table items add constraint kind foreign key (id) references kinds (id) not valid',
  'alter table items add constraint c check (d is null) not valid, add constraint once check (id < 5) not valid',
  'alter domain small add constraint under_ten check (value < 10) not valid',
  `comment on constraint under_ten on domain small is 'kept'`,
  `update pg_constraint set convalidated = true where conname in ('once', 'under_ten')`, // as time does it
  `create function audit() returns trigger language plpgsql as $$ begin insert into audit values (tg_name); return new; end $$`,
  ...['always', 'replica', 'origin'].map(
    (name) =>
      `create trigger "${name}" after insert or update or delete on items for each row execute function audit()`,
  ),
  'create trigger "each statement" before insert or delete on items execute function audit()',
  'alter table items enable always trigger "always", enable replica trigger "replica", enable always trigger "each statement"',
  ...['insert', 'update', 'delete'].map(
    (event) => `create rule "on ${event}" as on ${event} to items do also insert into audit values ('${event}')`,
  ),
  'alter table items enable always rule "on insert", enable replica rule "on delete", disable rule "on update"',
]);

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(noted);
});
afterEach(() => at.stage.close());

/** What is longer than a page stays where it is, and is refused from now on. */
const storePlain = () => at.query('alter table items alter body set storage plain');
const rows = () => at.query('select *, p is distinct from null as has from items order by id');
const definitions = () =>
  at.query(
    `select conname as name, convalidated as valid, obj_description(oid, 'pg_constraint') as comment
       from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace union all
     select attname, null, attstorage::text from pg_attribute where attrelid = 'items'::regclass and attnum > 0 union all
     select tgname, null, tgenabled::text from pg_trigger where tgrelid = 'items'::regclass and not tgisinternal union all
     select rulename, null, ev_enabled::text from pg_rewrite where ev_class = 'items'::regclass order by 1`,
  );
const notValid = (each: Record<string, unknown>) =>
  each.name === 'once' || each.name === 'under_ten' ? { ...each, valid: false } : each;

test('there and back, with rules and triggers that fire always, and what refuses each of the rows by now', async () => {
  await at.backUp();
  await storePlain();
  const before = { rows: await rows(), definitions: await definitions() };
  await dropNow(at.stage, at.prepared);
  expect(await rows()).toHaveLength(30);
  const told = await at.takeBack();
  expect(await rows()).toEqual(before.rows);
  expect(await at.query('select * from audit')).toEqual([]);
  expect(await definitions()).toEqual(before.definitions.map(notValid));
  expect(told.filter(({ status }) => status === 'not covered').map(({ check }) => check)).toEqual([
    'constraint once of items',
    'constraint under_ten of public.small',
  ]);
});

test('put back after a trial as they were; a CHECK that refuses them by now is told', async () => {
  await storePlain();
  const before = { rows: await rows(), definitions: await definitions() };
  const ready = await takeOutOfUse(at.stage, at.prepared);
  const told = await createUndoRemoval({ environment: at.stage.find })(ready);
  expect(await rows()).toEqual(before.rows);
  expect(await at.query('select * from audit')).toEqual([]);
  // A value that is moved keeps its domain: nobody asks that again.
  expect(await definitions()).toEqual(
    before.definitions.map((each) => (each.name === 'once' ? { ...each, valid: false } : each)),
  );
  expect(told).toContainEqual(
    expect.stringMatching(/^constraint once of items is NOT VALID now: rows that it now refuses/),
  );
});
