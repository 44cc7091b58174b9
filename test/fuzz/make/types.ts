import { literal } from './names';
import type { Part, ServerNeed } from './parts';

/** A type of a column, with values that are easily lost. */
export interface ColumnType {
  /** For the coverage. */
  name: string;
  sql: string;
  /** SQL of values that it takes; drawn from for each row. */
  odd: readonly string[];
  /** A value of its own for each number. Absent = it can't be unique here. */
  distinct?: (n: number) => string;
  /** Which plain indexes it takes. */
  indexes: readonly ('btree' | 'hash' | 'gin' | 'gist' | 'brin')[];
  /** Text, so that functions of text take it. */
  textual?: true;
  defaults?: readonly string[];
  server?: ServerNeed;
  /** Parts that make the type. */
  made?: readonly string[];
}

const all = (...texts: string[]): string[] => texts.map(literal);

/** Long, and of a kind that no compression makes short: 32 characters each. */
export const longText = (times: number, salt: string): string =>
  `(select string_agg(md5(n::text || ${literal(salt)}), '') from generate_series(1, ${times}) n)`;

/** Texts that are told apart, or not, by case, composition, trailing blanks. */
export const oddTexts = [
  ...[
    '',
    ' ',
    'trailing  ',
    'plain',
    'Plain',
    'PLAIN',
    'é',
    'e\u0301',
    'ÄÖ 漢字 😀',
    'it\'s "so"',
    '\\N',
    'NULL',
    '{}',
  ],
  ...['tab\tnewline\nreturn\r', '\u0001\u001f', '$1 $$ %s', 'a,b;"c"', '0', '1.0', "'; drop table x; --"],
];

const orders = ['btree', 'hash', 'brin'] as const;
const number = (name: string, texts: string[], more: Partial<ColumnType> = {}): ColumnType => ({
  ...{ name, sql: name, odd: all(...texts), indexes: orders, distinct: (n) => `${n}`, defaults: ['0', '1'] },
  ...more,
});
const text = (name: string, more: Partial<ColumnType> = {}): ColumnType => ({
  ...{ name, sql: name, odd: all(...oddTexts), indexes: ['btree', 'hash'], textual: true },
  ...{ distinct: (n: number) => literal(`v ${n}`), defaults: ["''", "'x'", 'current_user', "'a' || 'b'"] },
  ...more,
});
const other = (name: string, texts: string[], more: Partial<ColumnType> = {}): ColumnType => ({
  ...{ name, sql: name, odd: all(...texts), indexes: [] },
  ...more,
});

export const types: readonly ColumnType[] = [
  number('smallint', ['0', '-32768', '32767']),
  number('integer', ['0', '-2147483648', '2147483647', '42']),
  number('bigint', ['0', '-9223372036854775808', '9223372036854775807', '42']),
  number('numeric', ['NaN', '0', '0.0', '-0.00', '1.1', '1.10', '12345678901234567890.123456789', '1e-20', 'Infinity']),
  number('numeric(9,2)', ['NaN', '0', '1.10', '-9999999.99']),
  number('numeric(19,0)', ['0', '9999999999999999999']),
  number('real', ['NaN', '-0', '0', 'Infinity', '1e-45', '3.4e38', '0.1']),
  number('double precision', ['NaN', '-0', '0', '-Infinity', '5e-324', '1.7e308', '0.1']),
  number('money', ['0', '-1.23', '12.30'], {
    indexes: ['btree'],
    defaults: ["'0'"],
    distinct: (n) => literal(`${n}`),
  }),
  text('text'),
  text('text of a collation', { sql: 'text collate "C"' }),
  text('varchar(40)', { odd: all(...oddTexts) }),
  text('char(8)', { odd: all('', 'a', 'a  ', 'A', 'é', '12345678'), defaults: ["'x'"] }),
  text('name', { odd: all('', 'Name', 'name', 'é'), defaults: ["'x'"] }),
  text('citext', { sql: '"extra".citext', server: { contrib: true }, made: ['citext'], defaults: ["'X'"] }),
  text('text without case', { sql: 'text collate "extra"."no case"', server: { icu: true }, made: ['no case'] }),
  text('text of ICU', { sql: 'text collate "de-x-icu"', server: { icu: true } }),
  other('bytea', ['\\x', '\\x00ff5c27', '\\xdeadbeef'], { indexes: orders, distinct: (n) => `int4send(${n})` }),
  other('boolean', ['t', 'f'], { indexes: ['btree'], defaults: ['false', 'true'] }),
  other('date', ['infinity', '-infinity', '0001-01-01 BC', '4713-01-01 BC', '2024-02-29'], {
    ...{ indexes: orders, distinct: (n: number) => `date '2000-01-01' + ${n}`, defaults: ['current_date'] },
  }),
  other('timestamp', ['infinity', '4713-01-01 BC', '2024-02-29 12:34:56.000001'], {
    ...{ indexes: orders, distinct: (n: number) => `timestamp '2000-01-01' + ${n} * interval '1 s'` },
    defaults: ['now()', "timestamp '2020-01-01'"],
  }),
  other('timestamptz', ['-infinity', '2026-02-28 12:34:56.000001+05:30', '0001-01-01 BC'], {
    ...{ indexes: orders, distinct: (n: number) => `timestamptz '2000-01-01Z' + ${n} * interval '1 ms'` },
    defaults: ['now()', 'clock_timestamp()'],
  }),
  other('time', ['00:00', '24:00:00', '12:00:00.000001'], { indexes: ['btree', 'hash'] }),
  other('timetz', ['00:00+14', '23:59:60-12', '12:00+00'], { indexes: ['btree', 'hash'] }),
  other('interval', ['0', '1 mon -1 day 00:00:00.000001', '30 days', '1 mon', '-178000000 years'], {
    ...{ indexes: ['btree', 'hash'], defaults: ["interval '1 day'"] },
  }),
  other('uuid', ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'], {
    ...{ indexes: ['btree', 'hash'], distinct: (n: number) => `md5('${n}')::uuid`, defaults: ['gen_random_uuid()'] },
  }),
  other('inet', ['::1', '10.0.0.0/8', '10.0.0.1/8', '10.0.0.1'], {
    indexes: ['btree', 'hash'],
    distinct: (n) => `inet '10.0.0.0' + ${n}`,
  }),
  other('macaddr', ['08:00:2b:01:02:03'], { indexes: ['btree'] }),
  other('json', ['{"b": 1,  "a": [null, 1.0]}', '"\\u00e9"', 'null', '{"a": 1, "a": 2}'], { defaults: ["'{}'"] }),
  other('jsonb', ['{"b": 1, "a": [null, 1.0]}', '12345678901234567890.50', 'null', '[]', '{}'], {
    ...{ indexes: ['btree', 'gin', 'hash'], defaults: ["'{}'::jsonb"] },
  }),
  other('tsvector', ['', 'a:1 fat:2'], { indexes: ['gin', 'gist'] }),
  other('point', ['(0,0)', '(-0,1e-300)'], { indexes: ['gist'] }),
  other('box', ['(1,1),(0,0)'], { indexes: ['gist'] }),
  other('bit(8)', ['00000000', '10101010'], { indexes: ['btree'] }),
  other('varbit', ['', '1', '01'], { indexes: ['btree'] }),
  other('int4range', ['empty', '[1,10)', '(,)', '[5,5]'], {
    ...{ indexes: ['btree', 'gist', 'hash'], distinct: (n: number) => `int4range(${n * 10}, ${n * 10 + 5})` },
  }),
  other('tstzrange', ['empty', '[2020-01-01Z,infinity)'], { indexes: ['gist'] }),
  other('int4multirange', ['{}', '{[1,3),[5,9)}'], { indexes: ['gist'] }),
  other('text[]', ['{}', '{"",NULL,"a,b","\\"q\\""}', '[0:1]={a,b}', '{NULL}'], {
    ...{ indexes: ['btree', 'gin'], defaults: ["'{}'::text[]"] },
  }),
  other('integer[]', ['{}', '{1,2}', '{{1,2},{3,4}}'], { indexes: ['btree', 'gin'] }),
  other('pg_lsn', ['0/0', 'FFFFFFFF/FFFFFFFF'], { indexes: ['btree'] }),
  other('enum', ['fine', 'odd; "really"', 'Fine'], {
    ...{ sql: '"types".mood', made: ['mood'], indexes: ['btree', 'hash'], defaults: [`'fine'::"types".mood`] },
  }),
  text('domain', { sql: '"types".short', made: ['short'], odd: all('', 'a', 'A', 'é'), defaults: ["'x'"] }),
  number('domain of a domain', ['0', '42'], { sql: '"types".tiny', made: ['tiny'] }),
  other('composite', ['(,)', '("x,""y""",1)', '("",)'], { sql: '"types".pair', made: ['pair'], indexes: ['btree'] }),
  other('array of composite', ['{}', '{"(a,1)"}'], { sql: '"types".pair[]', made: ['pair'] }),
  other('array of enum', ['{}', '{fine,NULL}'], { sql: '"types".mood[]', made: ['mood'] }),
  other('range of ours', ['empty', '[1.5,2.5)'], { sql: '"types".span', made: ['span'], indexes: ['gist'] }),
  other('hstore', ['', '"a"=>"1","B"=>NULL'], {
    ...{ sql: '"extra".hstore', server: { contrib: true }, made: ['hstore'], indexes: ['gin'] },
  }),
];

export const typeNamed = (name: string): ColumnType => {
  const found = types.find((each) => each.name === name);
  if (found === undefined) throw new Error(`expected a type "${name}", found none`);
  return found;
};

const made = (id: string, at: 'types' | 'extensions', sql: string, more: Partial<Part> = {}): Part => ({
  ...{ id, features: [`made: ${id}`], needs: [], statements: [{ at, sql }] },
  ...more,
});

const typesSchema = 'create schema if not exists "types"; grant usage on schema "types" to public; ';
const extraSchema = 'create schema if not exists "extra"; grant usage on schema "extra" to public; ';
const extension = (id: string): Part =>
  made(id, 'extensions', `${extraSchema}create extension if not exists ${id} schema "extra"`, {
    server: { contrib: true },
  });

/** What types stand on, by the names in {@link ColumnType.made}. */
export const madeTypes: readonly Part[] = [
  extension('citext'),
  extension('hstore'),
  extension('btree_gist'),
  extension('pg_trgm'),
  extension('unaccent'),
  made(
    'no case',
    'types',
    `${extraSchema}create collation "extra"."no case" (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    { server: { icu: true } },
  ),
  made('mood', 'types', `${typesSchema}create type "types".mood as enum ('fine', 'odd; "really"', 'Fine')`),
  made('short', 'types', `${typesSchema}create domain "types".short as varchar(10) check (length(value) < 10)`),
  made(
    'tiny',
    'types',
    `${typesSchema}create domain "types".small as int check (value > -100); create domain "types".tiny as "types".small check (value < 1000000)`,
  ),
  made('pair', 'types', `${typesSchema}create type "types".pair as (a text, b int)`),
  made('span', 'types', `${typesSchema}create type "types".span as range (subtype = float8)`),
];
