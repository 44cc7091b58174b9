import { quoteIdentifier, quoteLiteral } from '../../sql/identifier';
import { quoted } from '../../sql/quoted-statement';
import { createDatabase } from '../support/servers/servers';

const odd = [
  'plain',
  'tab\there',
  'line\nbreak',
  'turned \u202eround',
  'back\\slash\t',
  'a "quote"\t',
  "an 'apostrophe'\t",
];

test('what is shown runs as it is copied, names and texts alike, and every character of it can be seen', async () => {
  const { query, drop } = await createDatabase();
  for (const name of odd) {
    const shown = quoted(`create table ${quoteIdentifier(name)} (a int)`).slice(1, -1);
    expect(shown).not.toMatch(/[\p{Cc}\u202e]/u);
    await query(shown);
    const text = quoted(`comment on table ${quoteIdentifier(name)} is ${quoteLiteral(name)}`).slice(1, -1);
    expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
    await query(text);
  }
  const tables = `select relname as name, obj_description(oid, 'pg_class') as comment from pg_class
                   where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`;
  expect(await query(tables)).toEqual([...odd].sort().map((name) => ({ name, comment: name })));
  await drop();
});

test('what needs no escapes stands as it is', () => {
  expect(quoted('drop index "Größe"', `select 'it''s'`)).toBe(`"drop index "Größe"; select 'it''s'"`);
});
