import { removalLine } from '../../report/kinds';

test.each([
  [{ column: 't.a', replacedBy: 'b' }, 't.a, replaced by b'],
  [{ column: 't.a', primaryKey: ['x', '"y.z"'] }, 't.a, replaced by nothing: kept by its row (x, "y.z")'],
  [{ table: 'a.t' }, 'table a.t with all its rows, kept by their primary key (id)'],
  [{ table: 't', where: { tenant: '42' } }, 'rows of t where tenant = 42, kept by their primary key (id)'],
  [
    { partition: 'e_1', of: 'a.e', primaryKey: ['id', 'at'] },
    'partition e_1 of a.e with all its rows, kept by their primary key (id, at)',
  ],
  [{ index: 't_a' }, 'index t_a alone: its table stays, and every value; while it is hidden its use is counted'],
  [{ external: 'bucket old' }, 'bucket old: no statement reaches it, and nothing restores it'],
])('an author reads what goes, and how it is kept: %j', (entry, line) => {
  expect(removalLine(entry)).toBe(line);
});
