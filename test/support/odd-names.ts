import { digestOf } from '../../contract/digest';
import { obstacles } from '../../contract/findings';
import { writtenName } from '../../contract/object-name';
import type { Removes } from '../../contract/removals';
import { quoteIdentifier as quoted, quoteLiteral } from '../../sql/identifier';
import { openKindStage } from './kind-stage';
import type { PlanKind } from './plan-kinds';
import { dropNow } from './ready-to-drop';
import { firstPlan } from './sample-environment';

/** Names that a database may have. Each tries something that takes names apart, quotes, cuts or prints them. */
export const oddNames = [
  ...['a.b', 'a"b', `it's 50% \\ *?`, '🦖 дино', 'line\nbreak', 'select', '__proto__', `${'ö'.repeat(31)}1`],
  // The same up to where a prefix of ours cuts them.
  ...[`${'l'.repeat(62)}1`, `${'l'.repeat(62)}2`],
];

/** More of them, for tests that have time. */
export const moreNames = [
  ...['Größe', 'Order Details', 'order-items', '1st', 'User', '注文', 'null', '$1', '"', '"" ""', 'back\\slash', '%s'],
  ...[
    'a|b(c)[d]{e}^+',
    '-- no comment',
    '$$',
    '$script$',
    ' a ',
    'constructor',
    'rubicon_hidden_x',
    'x where y',
    'a,b',
  ],
  ...['`tick`', '<b>&amp;', '; Type: TRIGGER', `${'🦖'.repeat(15)}123`, '\t', "'", 'public', 'CamelCase.inDots'],
];

function kind(removes: Removes, schema: string[], more: { proof?: string } = {}): PlanKind {
  const { proof: _, ...rest } = firstPlan(() => ({ queries: [] })).plan;
  const durations = { ...rest.durations, dropGivesUp: '20 s', lockTimeout: '100 ms' };
  const plan = { ...rest, removes, ...more, durations };
  return { plan, planDigest: digestOf(plan), schema };
}

/** There and back, equal afterwards, but for the order of columns. */
export async function thereAndBack(of: PlanKind): Promise<void> {
  const at = await openKindStage(of);
  const rows = async () => {
    const found: object[] = [];
    for (const { name } of await at.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname !~ '^pg_|^information|^rubicon' order by 1`,
    ))
      found.push({
        name,
        ...(
          await at.query(`select md5(string_agg(to_jsonb(t)::text, ',' order by to_jsonb(t))) as rows from ${name} t`)
        )[0],
      });
    return found;
  };
  try {
    expect(obstacles(await at.checkStructure())).toEqual([]);
    await at.backUp();
    const before = { structure: (await at.seen()).structure, rows: await rows() };
    await dropNow(at.stage, at.prepared);
    expect(await rows()).not.toEqual(before.rows);
    await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 } });
    await at.takeBack();
    expect({ structure: (await at.seen()).structure, rows: await rows() }).toEqual(before);
  } finally {
    await at.stage.close();
  }
}

/** Columns that are kept by their row, each with an index and a comment. */
export function columnsByRow(names: readonly string[]): PlanKind {
  const [schema, table, keys] = ['Schema "1".x', 'Maße & "Gewichte"', ['Id.%', 'k"2']];
  const place = `${quoted(schema)}.${quoted(table)}`;
  const list = (of: readonly string[], after: string): string =>
    of.map((name) => `${quoted(name)} ${after}`).join(', ');
  return kind(
    names.map((name) => ({
      column: writtenName(schema, table, name),
      primaryKey: keys.map((key) => writtenName(key)),
    })),
    [
      `create schema ${quoted(schema)}`,
      `create table ${place} (${list(keys, 'int')}, ${list(names, 'text')}, primary key (${keys.map(quoted).join(', ')}))`,
      ...names.flatMap((name) => [
        `create index ${quoted(name)} on ${place} (${quoted(name)})`,
        `comment on column ${place}.${quoted(name)} is ${quoteLiteral(name)}`,
      ]),
      `insert into ${place} select n, n, ${names.map((name) => `${quoteLiteral(name)} || n`).join(', ')} from generate_series(1, 50) n`,
    ],
  );
}

/** Columns that others replace, whose names are as long as names can be. */
export function replacedColumns(names: readonly string[]): PlanKind {
  const pairs = names.map((name, index) => ({ name, hash: `${index} "h".${'ü'.repeat(27)}` }));
  const columns = pairs.map(({ name, hash }) => `${quoted(name)} text, ${quoted(hash)} text`).join(', ');
  return kind(
    pairs.map(({ name, hash }) => ({
      column: writtenName('Order Details', name),
      replacedBy: writtenName(hash),
    })),
    [
      `create table "Order Details" (id int primary key, ${columns})`,
      `insert into "Order Details" select n, ${pairs.map(() => `'k' || n % 7, md5('k' || n % 7)`).join(', ')} from generate_series(1, 60) n`,
    ],
    { proof: 'replacement = md5(removed)' },
  );
}

/** Whole tables that point at the first one, with odd keys, sequences, constraints and indexes. */
export function wholeTablesOf(names: readonly string[]): PlanKind {
  const keyOf = (index: number): string => names.at(-1 - index) ?? '';
  return kind(
    names.map((table, index) => ({ table: writtenName(table), primaryKey: [writtenName(keyOf(index))] })),
    names.flatMap((table, index) => {
      const other = index === 0 ? '' : `constraint ${quoted(table)} references ${quoted(names[0] ?? '')}`;
      const key = quoted(keyOf(index));
      return [
        `create table ${quoted(table)} (${key} int generated by default as identity primary key, "the ""other"".one" int ${other}, note text)`,
        `create index on ${quoted(table)} (note, "the ""other"".one")`,
        `comment on table ${quoted(table)} is ${quoteLiteral(table)}`,
        `insert into ${quoted(table)} ("the ""other"".one", note) select 1, ${quoteLiteral(table)} || n from generate_series(1, 5) n`,
      ];
    }),
  );
}

/** Rows of tables in two schemas, by conditions on odd columns and values; two have one name, and other columns. */
export function rowsOfTables(names: readonly string[]): PlanKind {
  const values = [`it's "42"`, '\\x', '50%', '🦖', 'a\nb'];
  const schemaOf = (index: number): string => (index % 2 === 0 ? 'public' : 'Schema.2');
  return kind(
    [
      ...names.map((table, index) => ({
        table: writtenName(schemaOf(index), table),
        where: Object.fromEntries([[writtenName(table), values[index % values.length] ?? '']]),
        primaryKey: ['"Id ""x"""'],
      })),
      { table: 'orders', where: { tenant: '1' } },
      { table: '"Schema.2".orders', where: { tenant: '1' } },
    ],
    [
      'create schema "Schema.2"',
      'create table orders (id int primary key, tenant int, note text)',
      'create table "Schema.2".orders (id int primary key, tenant int, price int)',
      `insert into orders select n, n % 2, 'n' || n from generate_series(1, 20) n`,
      'insert into "Schema.2".orders select n, n % 2, n from generate_series(1, 20) n',
      ...names.flatMap((table, index) => {
        const name = `${quoted(schemaOf(index))}.${quoted(table)}`;
        return [
          `create table ${name} ("Id ""x""" int primary key, ${quoted(table)} text, twice int generated always as ("Id ""x""" * 2) stored)`,
          `create index on ${name} (${quoted(table)})`,
          `insert into ${name} select n, (array[${values.map(quoteLiteral).join(', ')}])[n % 5 + 1] from generate_series(1, 20) n`,
        ];
      }),
    ],
  );
}
