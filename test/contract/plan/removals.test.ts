import { goneColumns, goneIndexes, goneTables, placeName, takesColumn } from '../../../contract/plan/places';
import {
  isKeptByRow,
  kindOf,
  parseRemoval,
  removalsOf,
  traitsOf,
  withValues,
  type Removes,
} from '../../../contract/plan/removals';

const kinds: [string, Removes[number], object][] = [
  [
    'column',
    { column: 'sessions.owner_api_key', replacedBy: 'owner_api_key_hash' },
    {
      ...{ kind: 'column', schema: 'public', table: 'sessions', column: 'owner_api_key' },
      ...{ replacedBy: 'owner_api_key_hash', keptBy: 'replacement', primaryKey: ['id'] },
    },
  ],
  [
    'column',
    { column: 'a.t."x y"', replacedBy: 'z', primaryKey: ['k', '"l m"'] },
    {
      ...{ kind: 'column', schema: 'a', table: 't', column: 'x y' },
      ...{ replacedBy: 'z', keptBy: 'row', primaryKey: ['k', 'l m'] },
    },
  ],
  [
    'column',
    { column: 't.x' },
    { kind: 'column', schema: 'public', table: 't', column: 'x', keptBy: 'row', primaryKey: ['id'] },
  ],
  ['table', { table: 'a.t' }, { kind: 'table', schema: 'a', table: 't', keptBy: 'row', primaryKey: ['id'] }],
  [
    'rows',
    { table: 't', where: { tenant: '42' } },
    { kind: 'rows', schema: 'public', table: 't', keptBy: 'row', primaryKey: ['id'], where: { tenant: '42' } },
  ],
  [
    'partition',
    { partition: 'a.e_1', of: 'e', primaryKey: ['id', 'at'] },
    {
      ...{ kind: 'partition', schema: 'a', table: 'e_1', of: { schema: 'public', table: 'e' } },
      ...{ keptBy: 'row', primaryKey: ['id', 'at'] },
    },
  ],
  ['index', { index: 'by_owner' }, { kind: 'index', schema: 'public', index: 'by_owner', keptBy: 'nothing' }],
  ['index', { index: 'a."by owner"' }, { kind: 'index', schema: 'a', index: 'by owner', keptBy: 'nothing' }],
  ['external', { external: 'bucket old' }, { kind: 'external', name: 'bucket old', keptBy: 'nothing' }],
];

test.each(kinds)('an entry is parsed once, into its kind: %s', (kind, entry, parsed) => {
  expect(parseRemoval(entry)).toEqual(parsed);
  expect(kindOf({ removes: [entry] })).toBe(kind);
});

test('what a database holds is in the order in which locks are taken; what it does not hold is not in it', () => {
  const removes = [{ table: 'z' }, { table: 'a', where: { x: '1' } }, { external: 'bucket' }, { column: 'b.c' }];
  expect(removalsOf({ removes }).map(placeName)).toEqual(['public.a', 'public.b.c', 'public.z']);
  expect(traitsOf({ removes: [{ external: 'bucket' }] })).toMatchObject({ isInDatabase: false, canBeRestored: false });
});

test('a column is gone by its name or with its table, and stays where only rows go', () => {
  const [column, table, rows] = ['column', 'table', 'rows'].map((_, index) =>
    removalsOf({ removes: [[{ column: 't.x' }, { table: 't' }, { table: 't', where: { x: '1' } }][index]!] }),
  );
  const x = { schema: 'public', table: 't', column: 'x' };
  const takes = [column, table, rows].map((all) => all!.some((removal) => takesColumn(removal, x)));
  expect(takes).toEqual([true, true, false]);
  expect([column, table, rows].map((all) => [goneColumns(all!).length, goneTables(all!).length])).toEqual([
    [1, 0],
    [0, 1],
    [0, 0],
  ]);
});

test('an index takes neither table nor column with it, and has no values', () => {
  const removes = [{ index: 't_x' }];
  const all = removalsOf({ removes });
  expect([goneTables(all), goneColumns(all), withValues({ removes })]).toEqual([[], [], []]);
  expect(goneIndexes(all)).toEqual(all);
  expect(takesColumn(all[0]!, { schema: 'public', table: 't_x', column: 'x' })).toBe(false);
  expect(traitsOf({ removes })).toMatchObject({ isInDatabase: true, hasValues: false, canBeRestored: true });
});

test('a value is kept by its row unless something else stands for it', () => {
  const replaced = { column: 't.x', replacedBy: 'y' };
  expect(isKeptByRow({ removes: [replaced] })).toBe(false);
  expect(isKeptByRow({ removes: [{ ...replaced, primaryKey: ['id'] }] })).toBe(true);
  expect(isKeptByRow({ removes: [{ table: 't' }] })).toBe(true);
});
