import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** A CHECK that holds for every row, by the catalogue. */
export interface ValidCheck {
  on: 'table' | 'domain';
  /** Of what it is on: qualified, quoted where needed. */
  place: string;
  /** Unquoted. */
  name: string;
}

/** Types of the columns, what those are made of, and so on. */
const typesOf = `
  select a.atttypid as oid from pg_attribute a, target t where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
  union
  select part.oid from types y join pg_type t on t.oid = y.oid cross join lateral (
    select t.typbasetype as oid where t.typtype = 'd'
    union all select t.typelem where t.typelem <> 0
    union all select a.atttypid from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    union all select r.rngsubtype from pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)) as part`;

const checks = `
  with recursive target as (
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
  ), types as (${typesOf})
  select 'table' as on, k.conrelid::regclass::text as place, k.conname as name from pg_constraint k, target t
   where k.conrelid = t.oid and k.contype = 'c' and k.convalidated
  union all
  select 'domain', k.contypid::regtype::text, k.conname from pg_constraint k join types y on y.oid = k.contypid
   where k.contype = 'c' and k.convalidated
   order by 1, 2, 3`;

/**
 * Those that rows of a table have to fulfil, of the table and of the domains that its columns are of, however deep. What
 * they refuse by now comes back all the same, and then one of them may be NOT VALID: see `aroundChecks`. Reads only.
 */
export const readValidChecks = (client: PostgresClient, { schema, table }: TableName): Promise<ValidCheck[]> =>
  withPlainNames(client, async () => (await client.query<ValidCheck>(checks, [schema, table])).rows);
