import { indexFindings } from '../../../workflows/evidence/index-use';

const use = (scans: number | null) => [
  { index: 'by_owner_and_date', table: 'sessions', others: ['created_at'], scans },
];

test.each([
  ['not read', 7, 7, 'passed'],
  ['read', 7, 9, 'failed'],
  ['reset meanwhile', 7, 2, 'unknown'],
  ['not to be seen before', null, 7, 'unknown'],
  ['not to be seen after', 7, null, 'unknown'],
])('an index that serves other columns, too: %s', (_what, before, after, status) => {
  expect(indexFindings(use(before), use(after))).toMatchObject([{ check: 'index by_owner_and_date', status }]);
});

test.each([
  ['not read', 7, 7, 'passed', '0 scans'],
  ['read: a person answers for it', 7, 9, 'possible', '2 scans'],
  ['reset meanwhile', 7, 2, 'unknown', 'no count, or one that was reset meanwhile'],
])('an index that is removed itself: %s', (_what, before, after, status, found) => {
  const of = (scans: number) => [{ index: 'by_page', table: '', others: [], scans }];
  const check = 'use of index by_page while it is hidden';
  expect(indexFindings(of(before), of(after))).toMatchObject([{ check, status, found }]);
});

test('one that is gone is not taken for unused', () => {
  expect(indexFindings(use(7), [])).toMatchObject([{ status: 'unknown' }]);
});
