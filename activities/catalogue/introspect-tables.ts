import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { shortTableName, writtenShort } from '../../contract/text/object-name';
import { visible } from '../../contract/text/plain-text';
import { conditionsOf } from '../../contract/plan/places';
import type { RowsRemoval, WholeTable } from '../../contract/plan/removal';
import { withDatabase } from '../environment/database';
import type { Environment } from '../environment/environment';
import { countRowsTogether } from '../state/count-rows';
import { lookAround, type Surroundings } from './introspect-around';

/** What a database says of tables that are to be removed, whole or some of their rows. */
export interface IntrospectedTables extends Surroundings {
  tables: {
    /** `schema.table`, without `public`. */
    table: string;
    primaryKey: string[];
    /** All rows of staging, and those to be removed. */
    rows: { total: number; removed: number };
  }[];
}

/** Reads only. Every table and column that is not there is named. */
export function introspectTables(
  environment: Environment,
  removals: readonly (WholeTable | RowsRemoval)[],
): Promise<IntrospectedTables | { faults: string[] }> {
  return withDatabase(environment, 'plan new', async (client) => {
    const looks = [];
    for (const removal of removals) looks.push(await lookAt(client, removal));
    const faults = looks.flatMap((look) => ('faults' in look ? look.faults : []));
    if (faults.length > 0) return { faults };
    const tables = looks.flatMap((look) => ('faults' in look ? [] : [look]));
    return { tables, ...(await lookAround({ client, environment })) };
  });
}

export async function lookAt(
  client: PostgresClient,
  removal: WholeTable | RowsRemoval,
): Promise<IntrospectedTables['tables'][number] | { faults: string[] }> {
  const { schema, table } = removal;
  const name = writtenShort({ schema, table });
  const { rows } = await client.query<{ column: string; key: number | null }>(
    `select a.attname as column, array_position(i.indkey::int2[], a.attnum)::int as key
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       left join pg_index i on i.indrelid = c.oid and i.indisprimary
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      order by key nulls last, a.attnum`,
    [schema, table],
  );
  if (rows.length === 0) return { faults: [`expected a table ${visible(name)} in staging, found none`] };
  const conditions = Object.keys(conditionsOf(removal));
  const missing = conditions.filter((column) => rows.every((row) => row.column !== column));
  if (missing.length > 0)
    return {
      faults: missing.map(
        (column) =>
          `expected a column ${visible(writtenShort({ schema, table, column }))} in staging for --where, found none`,
      ),
    };
  const counts = await rowsOf(client, removal);
  if ('faults' in counts) return counts;
  return {
    table: name,
    primaryKey: rows.filter(({ key }) => key !== null).map(({ column }) => column),
    rows: counts,
  };
}

async function rowsOf(
  client: PostgresClient,
  removal: WholeTable | RowsRemoval,
): Promise<IntrospectedTables['tables'][number]['rows'] | { faults: string[] }> {
  try {
    const { total, match: removed } = await countRowsTogether([client], removal, {});
    return { total, removed };
  } catch (error) {
    // Class 22, data exception: the server could not read one of them as the type of its column.
    if (!(error instanceof PostgresError) || error.sqlstate?.startsWith('22') !== true) throw error;
    const expected = `expected values of --where that columns of ${shortTableName(removal)} can have`;
    return { faults: [`${expected}, found one that is not of its column's type (SQLSTATE ${error.sqlstate})`] };
  }
}
