import type { PostgresClient } from '../postgres/postgres';
import { sqlName, type TableName } from '../postgres/sql-name';

/** Sequences that belong to a table, or that a default of it names. */
const selectSequences = `
  select distinct s.oid::regclass::text as name
    from pg_class s join pg_depend d on true
    left join pg_attrdef a on d.classid = 'pg_attrdef'::regclass and a.oid = d.objid
   where s.relkind = 'S' and (
     (d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass and d.refobjid = any ($1::regclass[]))
     or (d.refclassid = 'pg_class'::regclass and d.refobjid = s.oid and a.adrelid = any ($1::regclass[])))
   order by 1`;

/** Puts the sequences of some tables where they are in the database that was copied. */
export async function copySequences(
  from: PostgresClient,
  to: PostgresClient,
  tables: readonly TableName[],
): Promise<void> {
  const { rows } = await from.query<{ name: string }>(selectSequences, [tables.map(sqlName)]);
  for (const { name } of rows) {
    const { rows: found } = await from.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${name}`,
    );
    for (const { last, called } of found) await to.query('select setval($1::regclass, $2, $3)', [name, last, called]);
  }
}
