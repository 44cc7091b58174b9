import { changeKindOf } from '../../../contract/run/change';
import { nameOfRemoval } from '../../../contract/plan/removals';
import { deletedLines } from '../../../report/gates/gate-kinds';

const rows = { total: 9, removed: 7 };

test.each([
  [{ column: 't.a', replacedBy: 'b' }, '7 values in 9 rows; replaced by b', 'rows not counted; replaced by b'],
  [{ column: 't.a' }, '7 values in 9 rows; nothing replaces it', 'rows not counted; nothing replaces it'],
  [{ table: 't' }, 'the whole table, 9 rows', 'the whole table, rows not counted'],
  [{ partition: 't', of: 'u' }, 'the whole partition, 9 rows', 'the whole partition, rows not counted'],
  [{ table: 't', where: { x: '1' } }, '7 rows of 9', 'rows not counted'],
  [{ index: 't_a' }, 'the index alone, no value is deleted; 8 kB of t', 'the index alone, no value is deleted'],
  [{ external: 'bucket' }, 'outside the database, for good', 'outside the database, for good'],
])('approvers read what will be deleted, counted or not: %j', (entry, counted, notCounted) => {
  const name = nameOfRemoval(entry);
  const { replacedBy } = entry as { replacedBy?: string };
  const part = { name, ...(replacedBy !== undefined && { replacedBy }) };
  const lineOf = (removed: object) =>
    deletedLines({ ...changeKindOf({ removes: [entry] }), removes: [{ ...part, ...removed }] });
  const definition = 'index' in entry ? { definition: '8 kB of t' } : {};
  expect(lineOf({ rows, ...definition })).toEqual([`${name}: ${counted}`]);
  expect(lineOf({})).toEqual([`${name}: ${notCounted}`]);
});
