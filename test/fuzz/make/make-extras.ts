import type { Column, Making, Table } from './making';
import { roles } from './making';
import { literal, quoted } from './names';

/** What a database has besides its tables, and what seldom stands on one. */

/** Every session that does not say otherwise reads and writes values in this way. */
const settings: readonly (readonly [name: string, value: string])[] = [
  ['search_path', '"extra", public'],
  ['search_path', '"types", "Other Schema"'],
  ['datestyle', 'German'],
  ['intervalstyle', 'iso_8601'],
  ['extra_float_digits', '0'],
  ['bytea_output', 'escape'],
  ['timezone', "'Asia/Kathmandu'"],
  ['standard_conforming_strings', 'off'],
  ['transform_null_equals', 'on'],
  ['array_nulls', 'off'],
  ['quote_all_identifiers', 'on'],
  ['default_transaction_isolation', 'serializable'],
  ['default_transaction_deferrable', 'on'],
  ['check_function_bodies', 'off'],
  ['default_tablespace', 'fuzz_space'],
  ['default_toast_compression', 'pglz'],
  ['statement_timeout', "'20s'"],
  ['lock_timeout', "'5s'"],
  ['enable_seqscan', 'off'],
  ['plpgsql.variable_conflict', 'use_column'],
  ['row_security', 'off'],
];

/** Found in preflight, with a remedy. */
const obstacles: readonly (readonly [name: string, value: string])[] = [
  ['default_transaction_read_only', 'on'],
  ['idle_in_transaction_session_timeout', "'5s'"],
];

export function makeDatabaseSettings(making: Making): void {
  const { draw } = making;
  const [name, value] = draw.pick(draw.chance(0.9) ? settings : obstacles);
  const who = draw.chance(0.5) ? `role ${roles.worker} in database %I` : 'database %I';
  making.say({
    ...{ feature: `setting: ${name}`, at: 'event triggers' },
    sql: `do $$ begin execute format(${literal(`alter ${who} set ${name} = ${value}`)}, current_database()); end $$`,
  });
}

/** It belongs to an extension, which takes it along. */
export function makeMember(making: Making, table: Table): void {
  const needs = [table.id, making.use('hstore')];
  const sql = `alter extension hstore add table ${table.sql}`;
  making.add({
    ...{ id: `membership of ${table.id}`, features: ['member of an extension'], needs, server: { contrib: true } },
    statements: [{ at: 'settings', sql }],
  });
}

/** A column's number is never given again: what was added and dropped before counts for ever. */
export function makeFewNumbersLeft(making: Making, table: Table): void {
  const each = `execute format('alter table %s %s', ${literal(table.sql)}, list)`;
  const listed = (action: string, type = ''): string =>
    `select string_agg('${action} column hole_' || n || '${type}', ', ') into list from generate_series(1, 1555) n; ${each};`;
  const sql = `do $$ declare list text; begin ${listed('add', ' int')} ${listed('drop')} end $$`;
  making.add({
    ...{ id: `numbers of ${table.id}`, features: ['hardly any column numbers left'], needs: [table.id] },
    statements: [{ at: 'after the rows', sql, as: table.owner }],
  });
}

/** As a "create index concurrently" leaves it that has failed. */
export function makeInvalidIndex(making: Making, table: Table, about?: Column): void {
  const column = about ?? table.columns.find(({ type }) => type.indexes.includes('btree'));
  if (column === undefined || !column.type.indexes.includes('btree') || column.generated) return;
  column.isIndexed = true;
  const name = making.name();
  const qualified = literal(`${quoted(table.schema)}.${quoted(name)}`);
  making.say({
    feature: ['invalid index', ...(about ? ['invalid index on the column'] : [])],
    ...{ at: 'indexes', needs: [table.id, column.id], server: column.type.server },
    sql: `create index ${quoted(name)} on ${table.sql} (${quoted(column.name)}); update pg_index set indisvalid = false where indexrelid = ${qualified}::regclass`,
  });
}
