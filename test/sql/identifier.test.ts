import fc from 'fast-check';
import { parseColumnName, parseTableName, qualifiedName, quoteIdentifier, quoteLiteral } from '../../sql/identifier';
import { openSampleDatabase, type SampleDatabase } from '../support/sample-database';

let database: SampleDatabase;
beforeAll(async () => (database = await openSampleDatabase('rubicon identifiers')));
afterAll(() => database.close());

test.each([
  ['sessions.owner_api_key', { schema: 'public', table: 'sessions', column: 'owner_api_key' }],
  ['app.sessions.owner_api_key', { schema: 'app', table: 'sessions', column: 'owner_api_key' }],
  ['Sessions.ownerKey', { schema: 'public', table: 'Sessions', column: 'ownerKey' }],
  ['"my.table"."a ""b"""', { schema: 'public', table: 'my.table', column: 'a "b"' }],
])('%s is a column', (text, name) => expect(parseColumnName(text)).toEqual(name));

test.each([
  '',
  'sessions',
  'a.b.c.d',
  'a..b',
  '.a.b',
  'a.b.',
  'a b.c',
  '"a.b',
  'a."".b',
  '1a.b',
  `a.${'x'.repeat(64)}`,
])('"%s" is no column', (text) =>
  expect(() => parseColumnName(text)).toThrow('expected "table.column" or "schema.table.column", found'),
);

test('a table is named with or without its schema', () => {
  expect(parseTableName('alembic_version')).toEqual({ schema: 'public', table: 'alembic_version' });
  expect(parseTableName('app.version')).toEqual({ schema: 'app', table: 'version' });
  expect(() => parseTableName('a.b.c')).toThrow('expected "table" or "schema.table", found "a.b.c"');
});

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
