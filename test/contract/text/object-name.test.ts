import fc from 'fast-check';
import {
  parseColumnName,
  parseOwnName,
  parseTableName,
  shortName,
  tableNameSchema,
  writtenName,
} from '../../../contract/text/object-name';

test.each([
  ['sessions.owner_api_key', { schema: 'public', table: 'sessions', column: 'owner_api_key' }],
  ['app.sessions.owner_api_key', { schema: 'app', table: 'sessions', column: 'owner_api_key' }],
  ['Sessions.ownerKey', { schema: 'public', table: 'Sessions', column: 'ownerKey' }],
  ['Maße.Größe', { schema: 'public', table: 'Maße', column: 'Größe' }],
  ['注文.価格', { schema: 'public', table: '注文', column: '価格' }],
  ['order-items.2nd price', { schema: 'public', table: 'order-items', column: '2nd price' }],
  ['"Order Details"."Unit Price"', { schema: 'public', table: 'Order Details', column: 'Unit Price' }],
  ['"my.table"."a ""b"""', { schema: 'public', table: 'my.table', column: 'a "b"' }],
  ['"50% off\\"."🦖"', { schema: 'public', table: '50% off\\', column: '🦖' }],
  ['" a "."line\nbreak"', { schema: 'public', table: ' a ', column: 'line\nbreak' }],
  ['select.from', { schema: 'public', table: 'select', column: 'from' }],
])('%s is a column', (text, name) => expect(parseColumnName(text)).toEqual(name));

test.each([
  '',
  'sessions',
  'a.b.c.d',
  'a..b',
  '.a.b',
  'a.b.',
  ' a.b',
  'a.b ',
  'a  b.c',
  'a . b',
  '"a.b',
  'a."".b',
  'a"b".c',
  '"a"b.c',
  'a.b(c)',
  'a.b;c',
  "a.b'c",
  'a.b\0',
  '"a.\0"."b"',
  'a.\ud800',
  'a.b\nc',
])('%j is no column', (text) =>
  expect(() => parseColumnName(text)).toThrow('expected "table.column" or "schema.table.column"'),
);

test('a name may have 63 bytes and no more: the server would cut it, and mean another one', () => {
  expect(parseOwnName('ö'.repeat(31))).toBe('ö'.repeat(31));
  expect(() => parseOwnName('ö'.repeat(32))).toThrow('expected at most 63 bytes a name, found 64');
  expect(() => parseColumnName(`a.${'x'.repeat(64)}`)).toThrow('expected at most 63 bytes a name, found 64');
  expect(parseTableName(`"${'""'.repeat(63)}"."${'""'.repeat(63)}"`).table).toBe('"'.repeat(63));
});

test('a table is named with or without its schema', () => {
  expect(parseTableName('alembic_version')).toEqual({ schema: 'public', table: 'alembic_version' });
  expect(parseTableName('app.version')).toEqual({ schema: 'app', table: 'version' });
  expect(() => parseTableName('a.b.c')).toThrow('expected "table" or "schema.table", found "a.b.c"');
  expect(tableNameSchema.safeParse('a.b.c').error?.issues).toMatchObject([
    { message: 'expected "table" or "schema.table"' },
  ]);
});

test('names are written as people would, with quotes only where they are needed, and on one line', () => {
  expect(writtenName('public', 'Größe', 'a.b')).toBe('public.Größe."a.b"');
  expect(shortName({ schema: 'public', table: 'Order Details', column: '50%' })).toBe('Order Details."50%"');
  expect(shortName({ schema: 'Sales', table: 'x\ny\u202e' })).toBe('Sales."x\\u{a}y\\u{202e}"');
});

const part = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 15 })
  .filter((text) => !/\0|\p{Cs}/u.test(text) && Buffer.byteLength(text) <= 63);

test('whatever a name is, written it is read as the same, and no two are written alike', () => {
  fc.assert(
    fc.property(part, part, part, (schema, table, column) => {
      expect(parseColumnName(writtenName(schema, table, column))).toEqual({ schema, table, column });
    }),
  );
});

test('any text is a name or none, at once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { success } = tableNameSchema.safeParse(text);
      expect(success).toBe(
        (() => {
          try {
            parseTableName(text);
            return true;
          } catch {
            return false;
          }
        })(),
      );
    }),
  );
  for (const long of ['a'.repeat(250_000), '"'.repeat(250_000), 'a '.repeat(125_000), 'a.'.repeat(125_000)])
    expect(tableNameSchema.safeParse(long).success).toBe(false);
});
