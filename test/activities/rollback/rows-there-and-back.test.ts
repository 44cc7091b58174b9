import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { kind } from '../../support/inputs/plan-kinds';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';

// Rows of one tenant in a table that is strict in every way: what may be there once, and what was true once.

const strict = kind({ removes: [{ table: 'list_items', where: { tenant: '7' }, primaryKey: ['list_id', 'item'] }] }, [
  `create table list_items (list_id int, item text, tenant int not null, position int, code text, span int4range, ends_at timestamptz,
     twice int generated always as (position * 2) stored,
     primary key (list_id, item),
     constraint one_place unique (list_id, position) deferrable initially deferred,
     constraint one_code unique nulls not distinct (list_id, code) deferrable,
     constraint no_overlap exclude using gist (span with &&) where (position > 0) deferrable)`,
  'create unique index one_word on list_items (lower(code), twice) where code is not null',
  `insert into list_items select n / 10, 'item ' || n, case n % 3 when 0 then 7 else n % 3 end, n, 'Code ' || n, int4range(n * 10, n * 10 + 9), '2001-01-01'
     from generate_series(1, 300) n`,
  'alter table list_items add constraint open check (ends_at > now()) not valid',
  "comment on constraint open on list_items is 'kept'",
  "update pg_constraint set convalidated = true where conname = 'open'", // as time does it
]);

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(strict);
});
afterEach(() => at.stage.close());

const rows = () => at.query('select * from list_items order by list_id, item');
const check = () =>
  at.query(
    `select convalidated as valid, obj_description(oid, 'pg_constraint') as comment from pg_constraint where conname = 'open'`,
  );

test('there and back, whatever is unique, deferrable, exclusive or past by now', async () => {
  const before = await rows();
  await at.backUp();
  await dropNow(at.stage, at.prepared);
  expect(await rows()).toHaveLength(200);
  const told = await at.takeBack();
  expect(await rows()).toEqual(before);
  expect(told.filter(({ status }) => status === 'not covered')).toMatchObject([
    {
      check: 'constraint open of list_items',
      expected: 'one that holds for every row',
      remedy: expect.stringContaining('alter table public.list_items validate constraint open') as string,
    },
  ]);
  expect(await check()).toEqual([{ valid: false, comment: 'kept' }]);
  await expect(
    at.query(`insert into list_items (list_id, item, tenant, ends_at) values (99, 'past', 1, '2001-01-01')`),
  ).rejects.toMatchObject({ code: '23514' });
});

test('a row whose place, code or span somebody has taken meanwhile is left out and told; nothing is there twice', async () => {
  await at.backUp();
  await dropNow(at.stage, at.prepared);
  for (const [item, position, code, span] of [
    ['by place', 3, 'free', '[5000,5001)'],
    ['by code', 5003, 'Code 6', '[5002,5003)'],
    ['by span', 5004, 'free too', '[90,91)'],
    ['by word', 12, 'code 12', '[5004,5005)'],
  ] as const)
    await at.query(
      `insert into list_items (list_id, item, tenant, position, code, span, ends_at) values ($1, $2, 1, $3, $4, $5, 'infinity')`,
      [item === 'by word' ? 55 : 0, item, position, code, span],
    );
  const told = await at.takeBack({ lossy: false, incomplete: true });
  expect(told.find(({ check: name }) => name === 'rows of list_items')).toMatchObject({
    status: 'failed',
    expected: 'the 100 rows that were kept',
    found: '96 of them, 96 exactly as they were',
  });
  expect(
    await at.query(
      `select item from list_items where tenant = 7 and item in ('item 3', 'item 6', 'item 9', 'item 12')`,
    ),
  ).toEqual([]);
});

test('put back after a trial they are as they were; with a place that is taken, nothing is moved and the rule is named', async () => {
  const before = await rows();
  const ready = await takeOutOfUse(at.stage, at.prepared);
  const undoRemoval = () => createUndoRemoval({ environment: at.stage.find })(ready);
  await at.query(
    `insert into list_items (list_id, item, tenant, position, ends_at) values (0, 'other', 1, 3, 'infinity')`,
  );
  await expect(undoRemoval()).rejects.toThrow(/found 1 rows whose values are there again, by a deferrable/);
  await at.query(`delete from list_items where item = 'other'`);
  await undoRemoval();
  expect(await rows()).toEqual(before);
  expect(await check()).toEqual([{ valid: false, comment: 'kept' }]);
});
