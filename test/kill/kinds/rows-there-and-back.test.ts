import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { strictRows } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';
import { itemsOf, openCheckOf } from '../../support/looks/strict-rows';

// Rows in a table that is strict in every way.

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(strictRows);
});
afterEach(() => at.stage.close());

test('there and back, whatever is unique, deferrable, exclusive or past by now', async () => {
  const before = await itemsOf(at);
  await at.backUp();
  await dropNow(at.stage, at.prepared);
  expect(await itemsOf(at)).toHaveLength(200);
  const told = await at.takeBack();
  expect(await itemsOf(at)).toEqual(before);
  expect(told.filter(({ status }) => status === 'not covered')).toMatchObject([
    {
      check: 'constraint open of list_items',
      expected: 'one that holds for every row',
      remedy: expect.stringContaining('alter table public.list_items validate constraint open') as string,
    },
  ]);
  expect(await openCheckOf(at)).toEqual([{ valid: false, comment: 'kept' }]);
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
