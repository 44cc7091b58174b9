import fc from 'fast-check';
import { removalsOf } from '../../../contract/plan/removals';
import { loadGrammar, parseStatements } from '../../../sql/statements/grammar';
import { readSelect } from '../../../sql/statements/select-statement';
import { StatementFault } from '../../../sql/statements/statement-fault';
import { meaningOf } from '../../../sql/statements/tree';
import { honestSelects, hostileSelects } from '../../support/inputs/plan-statements';
import { samplePlan } from '../../support/stages/sample-database';

const removals = removalsOf(samplePlan);
beforeAll(loadGrammar);

test('there are enough of both', () => {
  expect(honestSelects.length).toBeGreaterThanOrEqual(30);
  expect(hostileSelects.length).toBeGreaterThanOrEqual(60);
});

test.each(honestSelects)('taken, and what runs is read as the same again: %s', (_, text) => {
  const { sql, hasParameter } = readSelect(text, removals);
  expect(hasParameter).toBe(true);
  const again = readSelect(sql, removals);
  expect(again.sql).toBe(sql);
  expect(parseStatements(again.sql).map(meaningOf)).toEqual(parseStatements(sql).map(meaningOf));
});

test.each(hostileSelects)('refused: %s', (_, text) => {
  expect(() => readSelect(text, removals)).toThrow(StatementFault);
});

test('tables get their schema, functions the system’s; names that are given in the statement stay', () => {
  expect(
    readSelect(
      'with own as (select lower(title) as t from sessions where id = $1) select own.t from own join other.own o on true',
      removals,
    ).sql,
  ).toBe(
    'WITH own AS (SELECT pg_catalog.lower(title) AS t FROM public.sessions WHERE id = $1) ' +
      'SELECT own.t FROM own JOIN other.own AS o ON true',
  );
});

test.each([
  ['a table to be removed', 'select 1 from plants where id = $1', 'found one that names "plants"'],
  ['a table that stays beside it', 'select * from other.plants where id = $1', undefined],
])('%s', (_, text, message) => {
  const read = (): unknown => readSelect(text, removalsOf({ removes: [{ table: 'plants' }] }));
  if (message === undefined) expect(read).not.toThrow();
  else expect(read).toThrow(message);
});

test.each([
  ['a column of the same name elsewhere', 'select u.owner_api_key from usage_events u where u.kind = $1', undefined],
  ['a name of 70 bytes that the server cuts', `select id from ${'s'.repeat(70)} where a = $1`, 's'.repeat(63)],
])('%s is taken for what it is', (_, text, part) => {
  expect(readSelect(text, removals).sql).toContain(part ?? 'owner_api_key');
});

test('the place is that of what is wrong', () => {
  const text = `select 'ä€😀' as a,\n  pg_sleep(1)\nfrom sessions where id = $1`;
  expect(() => readSelect(text, removals)).toThrow(expect.objectContaining({ offset: text.indexOf('pg_sleep') }));
});

/** Expressions over columns of the sessions, as anybody might nest them. */
const expressions = fc.letrec<{ value: string; text: string; condition: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('length(title)', '1', '-2', '0.5', '$1::int', 'octet_length(status)'),
    fc.tuple(tie('value'), fc.constantFrom('+', '-', '*', '%', '/'), tie('value')).map((parts) => parts.join(' ')),
    tie('value').map((value) => `(${value})`),
    tie('value').map((value) => `- ${value}`),
    fc.tuple(tie('condition'), tie('value')).map(([when, then]) => `case when ${when} then ${then} end`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `coalesce(${a}, nullif(${b}, 3))`),
  ),
  text: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('title', 'status', 'id::text', `metadata ->> 'a'`, 'lower(title)'),
    fc.string({ maxLength: 6 }).map((constant) => `'${constant.replaceAll(/['\0]/g, "''")}'`),
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `${a} || ${b}`),
    tie('text').map((text) => `(${text})`),
    fc.tuple(tie('text'), tie('value')).map(([text, to]) => `substring(${text} from ${to})`),
  ),
  condition: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('title is null', 'true', `status in ('a;b', 'c')`, 'exists (select from usage_events)'),
    fc.tuple(tie('value'), fc.constantFrom('=', '<>', '<', '>='), tie('value')).map((parts) => parts.join(' ')),
    fc
      .tuple(tie('text'), fc.constantFrom('like', 'not ilike', '~', '=', 'is distinct from'), tie('text'))
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition')).map((parts) => parts.join(' ')),
    tie('condition').map((condition) => `not (${condition})`),
    tie('condition').map((condition) => `(${condition}) is not true`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([a, b, c]) => `(${a}) between ${b} and ${c}`),
  ),
}));

test('whatever is taken is run as the same tree', () => {
  let taken = 0;
  fc.assert(
    fc.property(expressions.condition, expressions.text, (condition, text) => {
      let statement;
      try {
        statement = readSelect(`select ${text} from sessions where ${condition}`, removals);
      } catch (error) {
        // Some of them are no SQL (two comparisons without parentheses), or cannot be written back: then nothing runs.
        if (error instanceof StatementFault) return;
        throw error;
      }
      taken += 1;
      expect(readSelect(statement.sql, removals).sql).toBe(statement.sql);
    }),
    { numRuns: 200 },
  );
  expect(taken).toBeGreaterThan(100);
});
