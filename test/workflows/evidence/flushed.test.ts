import { flushedNote } from '../../../workflows/evidence/flushed';

const receipt = { left: 0, tookMs: 12 };

test('the note is a census: what was removed by all flushes, and the other keys before the first and after the last', () => {
  expect(
    flushedNote([
      { ...receipt, removed: 800_000, otherKeysBefore: 200_000, otherKeysAfter: 200_010 },
      { ...receipt, removed: 12, otherKeysBefore: 200_011, otherKeysAfter: 200_015 },
    ]),
  ).toBe('caches flushed before and after: 800,012 entries removed, 200,000 other keys before, 200,015 after');
  const one = { ...receipt, removed: 1, otherKeysBefore: 0, otherKeysAfter: 0 };
  expect(flushedNote([one])).toContain('1 entry removed');
});

test('without a Redis it says so', () => expect(flushedNote([])).toBe('no cache to flush'));
