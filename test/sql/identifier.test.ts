import fc from 'fast-check';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../sql/identifier';
import { openSampleDatabase, type SampleDatabase } from '../support/stages/sample-database';

let database: SampleDatabase;
beforeAll(async () => (database = await openSampleDatabase('rubicon identifiers')));
afterAll(() => database.close());

test('plain names are readable, all others are quoted', () => {
  expect(qualifiedName({ schema: 'public', table: 'sessions' })).toBe('public.sessions');
  expect(quoteIdentifier('User')).toBe('"User"');
  expect(quoteIdentifier('user')).toBe('"user"');
  expect(quoteIdentifier('a"; drop table b; --')).toBe('"a""; drop table b; --"');
});

test('every keyword of the server that needs quotes gets them', async () => {
  const keywords = await database.query<{ word: string }>(`select word from pg_get_keywords() where catcode <> 'U'`);
  expect(keywords.length).toBeGreaterThan(100);
  expect(keywords.filter(({ word }) => quoteIdentifier(word) === word)).toEqual([]);
});

test('the server reads every name and every text back as it was', async () => {
  const fits = (value: string): boolean => Buffer.byteLength(value) <= 63; // the server cuts longer names
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 15 })
    .filter((value) => !value.includes('\0') && fits(value));
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const [row] = await database.query(`select ${quoteLiteral(value)} as ${quoteIdentifier(value)}`);
      expect(row).toEqual({ [value]: value });
    }),
    { numRuns: 100 },
  );
});
