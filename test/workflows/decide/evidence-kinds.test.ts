import { evidenceOf } from '../../../workflows/decide/evidence-kinds';

const none = { rows: undefined, found: undefined };
const rows = { table: 't', total: 9, match: 7, mismatch: 0, keyWithoutHash: 0, hashWithoutKey: 0, public: 0 };

test.each([
  [{ column: 't.a', replacedBy: 'b' }, ': 7 values in 9 rows, replaced by b', ': rows not counted, replaced by b'],
  [{ column: 't.a' }, ': 7 values in 9 rows, replaced by nothing', ': rows not counted, replaced by nothing'],
  [{ table: 't' }, ': the whole table, 9 rows', ': the whole table, rows not counted'],
  [{ partition: 't', of: 'u' }, ': the whole partition, 9 rows', ': the whole partition, rows not counted'],
  [{ table: 't', where: { x: '1' } }, ': 7 rows of 9', ': rows not counted'],
  [
    { index: 't_a' },
    ': the index alone, no value goes with it; there, 8 kB of t',
    ': the index alone, no value goes with it',
  ],
  [{ thing: 'bucket' }, ', for good: the plan says "restore: none"', ', for good: the plan says "restore: none"'],
])('approvers read what dies, counted or not: %j', (entry, counted, notCounted) => {
  const { dies } = evidenceOf({ removes: [entry] });
  expect(dies(entry, { rows, found: 'there, 8 kB of t' })).toBe(counted);
  expect(dies(entry, none)).toBe(notCounted);
});
