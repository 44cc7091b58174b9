/** Types of which other bytes can be the same value, so that one and the same condition could mean two things. */

interface Compared {
  type: string;
  /** Of the condition. */
  value: string;
  /** The same to the type. */
  same: readonly string[];
  others: readonly string[];
}

const compared = (type: string, value: string, same: string[], others: string[]): Compared => ({
  ...{ type, value, same, others },
});

/** By the name of the table that {@link comparedSchema} makes for it. */
export const comparedTypes: Record<string, Compared> = {
  invoices: compared('citext', 'acme', ['acme', 'Acme', 'ACME'], ['other', 'acme ']),
  elsewhere: compared('ext.hstore', 'b=>2,a=>1', ['a=>1,b=>2', '"b"=>"2", "a"=>"1"'], ['a=>1']),
  of_domain: compared('account', 'acme', ['Acme', 'aCME'], ['other']),
  collated: compared('text collate ci', 'straße', ['Straße', 'STRAßE'], ['strasse']),
  of_length: compared('varchar(10) collate ci', 'ab', ['AB', 'aB'], ['ab ', 'abc']),
  numbers: compared('numeric', '1.0', ['1', '1.00', '1.000'], ['1.01']),
  padded: compared('char(5)', 'ab', ['ab', 'ab   '], ['a b', 'abc']),
  floats: compared('float8', '0', ['0', '-0'], ['1e-300', 'NaN']),
  no_numbers: compared('float4', 'NaN', ['NaN'], ['0', 'Infinity']),
  documents: compared('jsonb', '{"b":1,"a":[]}', ['{"a":[],"b":1.00}'], ['{"a":[]}']),
  lists: compared('citext[]', '{A,null}', ['{a,NULL}', '{"A",null}'], ['{a}']),
  ranges: compared('int4range', '[1,3]', ['[1,4)', '(0,3]'], ['[1,5)']),
  moods: compared('mood', 'so "so"', ['so "so"'], ['fine']),
  spans: compared('interval', '1 mon', ['1 mon', '30 days', '720:00:00'], ['31 days']),
  instants: compared('timestamptz', '2026-01-01 00:00+00', ['2026-01-01 01:00+01'], ['2026-01-01 00:00:00.000001+00']),
  days: compared('date', '2026-02-01', ['2026-02-01'], ['2026-01-02']),
  places: compared('place', '(A,1.0)', ['(a,1)', '(A,1.00)'], ['(B,1)', '(a,)']),
  bits: compared('bit(3)', '101', ['101'], ['100']),
};

export const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** The tables of these, each with a column `what`; needs the extended server. */
export const comparedSchema = (tables: readonly string[] = Object.keys(comparedTypes)): string[] => [
  'create schema ext',
  'create extension citext',
  'create extension hstore schema ext',
  `create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  `create type mood as enum ('fine', 'so "so"')`,
  'create domain account as citext check (value <> $$nobody$$)',
  'create type place as (name citext, size numeric)',
  ...tables.flatMap((table) => {
    const { type, same, others } = comparedTypes[table]!;
    return [
      `create table ${table} (id int generated always as identity primary key, what ${type}, note text)`,
      ...[...same, ...others].map((value) => `insert into ${table} (what, note) values (${quoted(value)}, 'n')`),
      `insert into ${table} (note) values ('null')`,
      `create index on ${table} (what)`,
    ];
  }),
];
