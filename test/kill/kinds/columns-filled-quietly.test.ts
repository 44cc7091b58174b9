import { obstacles } from '../../../contract/run/findings';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { kind } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';

// Columns of tables whose rows nobody could update any more, or whose every update is noted by somebody.

const tables = ['strict', 'clock', 'limited', 'audited', 'heirs', 'pairs'];

const refused = kind({ removes: tables.map((table) => ({ column: `${table}.v`, primaryKey: ['id'] })) }, [
  'create type pair as (a text, b int)',
  'create domain a_pair as pair',
  'create domain small as int',
  'create domain smaller as small',

  'create table strict (id int primary key, d jsonb, v bytea)',
  `insert into strict select n, 'null', decode(lpad(to_hex(n), 4, '0'), 'hex') from generate_series(1, 20) n`,
  'alter table strict add constraint c check (d is null) not valid, add constraint other check (id > 10) not valid',
  `comment on constraint c on strict is 'kept'`,

  'create table clock (id int primary key, ends_at timestamptz, v text)',
  `insert into clock select n, case when n % 2 = 0 then timestamptz '2001-01-01' else 'infinity' end, 'v ' || n from generate_series(1, 20) n`,
  'alter table clock add constraint open check (ends_at > now()) not valid',
  "update pg_constraint set convalidated = true where conname = 'open'", // as time does it

  'create table limited (id int primary key, v smaller[])',
  'insert into limited select n, array[n] from generate_series(1, 20) n',
  'alter domain small add constraint under_ten check (value < 10) not valid',
  `comment on constraint under_ten on domain small is 'kept, too'`,

  'create table audited (id int primary key, v text)',
  'create table audit (who text)',
  `create function audit() returns trigger language plpgsql as $$ begin insert into audit values (tg_name); return new; end $$`,
  ...['always', 'replica', 'origin', 'disabled'].map(
    (name) =>
      `create trigger "${name}" after insert or update or delete on audited for each row execute function audit()`,
  ),
  'create trigger "each statement" after update on audited execute function audit()',
  'alter table audited enable always trigger "always", enable replica trigger "replica", disable trigger "disabled", enable always trigger "each statement"',
  `create rule noted as on update to audited do also insert into audit values ('rule')`,
  `create rule instead as on update to audited where new.id < 0 do instead nothing`,
  'alter table audited enable always rule noted, enable always rule instead',
  `insert into audited select n, 'v ' || n from generate_series(1, 20) n`,
  'delete from audit',

  'create table above (d int)',
  'create table heirs (id int primary key, d int, v text) inherits (above)',
  `insert into heirs select n, n, 'v ' || n from generate_series(1, 20) n`,
  'alter table above add constraint low check (d < 5) not valid',
  'alter table heirs add constraint own check (d > 5) not valid',
  `comment on constraint low on heirs is 'of the heir'`,

  'create table pairs (id int primary key, v pair, w pair[], x a_pair)',
  `insert into pairs values (1, ('a', 1), array[('a', null)::pair], ('', null)), (2, ('', null), null, null), (3, (null, null), null, null), (4, null, null, null)`,
]);

let at: KindStage;
beforeAll(async () => {
  at = await openKindStage(refused);
});
afterAll(() => at.stage.close());

const rows = async () => {
  const found: Record<string, unknown> = {};
  for (const table of tables)
    found[table] = await at.query(`select t.*, t.v is distinct from null as has from ${table} t order by id`);
  return found;
};
const definitions = () =>
  at.query(
    `select coalesce(conrelid::regclass::text, contypid::regtype::text) as on, conname as name, convalidated as valid, conislocal as local, coninhcount as above, obj_description(oid, 'pg_constraint') as comment
       from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace union all
     select tgrelid::regclass::text, tgname, null, null, null, tgenabled::text from pg_trigger where not tgisinternal union all
     select ev_class::regclass::text, rulename, null, null, null, ev_enabled::text from pg_rewrite where rulename in ('noted', 'instead') order by 1, 2`,
  );

test('there and back, whatever refuses an update or notes it: values, constraints, triggers and rules as they were', async () => {
  const before = { rows: await rows(), definitions: await definitions() };
  expect(obstacles(await at.checkStructure())).toEqual([]);
  await at.backUp();
  await dropNow(at.stage, at.prepared);
  const told = await at.takeBack();
  expect(await rows()).toEqual(before.rows);
  expect(await at.query('select * from audit')).toEqual([]);
  const past = (each: Record<string, unknown>) => (each.name === 'open' ? { ...each, valid: false } : each);
  expect(await definitions()).toEqual(before.definitions.map(past));
  expect(told.filter(({ status }) => status === 'not covered')).toMatchObject([
    {
      check: 'constraint open of clock',
      remedy: expect.stringContaining('"alter table public.clock validate constraint open"') as string,
    },
  ]);
});
