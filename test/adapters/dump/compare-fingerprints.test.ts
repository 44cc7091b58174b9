import { compareFingerprints } from '../../../adapters/dump/compare-fingerprints';
import type { TableFingerprint } from '../../../adapters/rows/fingerprint';

const sessions: TableFingerprint = {
  schema: 'public',
  table: 'sessions',
  rowCount: 17,
  rowsHash: 'a'.repeat(64),
  columnsSha256: 'b'.repeat(64),
};
const assistants = { ...sessions, table: 'assistants' };
const where = '"public"."sessions"';

it('finds nothing in the same fingerprints, in whatever order they come', () => {
  expect(compareFingerprints([sessions, assistants], [{ ...assistants }, { ...sessions }])).toEqual([]);
});

it.each<[string, TableFingerprint[], object[]]>([
  ['a lost table', [], [{ where, expected: 'the table', found: 'no such table' }]],
  ['a lost row', [{ ...sessions, rowCount: 16 }], [{ where, expected: '17 rows', found: '16 rows' }]],
  [
    'another value',
    [{ ...sessions, rowsHash: 'c'.repeat(64) }],
    [{ where, expected: 'the same values in every row', found: 'at least one different value' }],
  ],
  [
    'another column and fewer rows',
    [{ ...sessions, columnsSha256: 'c'.repeat(64), rowCount: 0 }],
    [
      { where, expected: 'the same columns', found: 'different names, types or order' },
      { where, expected: '17 rows', found: '0 rows' },
    ],
  ],
  [
    'the same table in another schema',
    [{ ...sessions, schema: 'other' }],
    [
      { where, expected: 'the table', found: 'no such table' },
      { where: '"other"."sessions"', expected: 'no such table', found: 'a table' },
    ],
  ],
])('finds %s', (_what, found, differences) => {
  expect(compareFingerprints([sessions], found)).toEqual(differences);
});

it('takes an empty expectation for a difference, since it proves nothing', () => {
  expect(compareFingerprints([], [])).toHaveLength(1);
  expect(compareFingerprints([], [sessions])).toHaveLength(1);
});
