import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** What no two rows of a table may have in common, of whatever shape: unique or exclusion, index or constraint. */
export interface UniqueRule {
  /** Of the index, unquoted. */
  name: string;
  /** False: checked when a statement, or its transaction, ends. */
  immediate: boolean;
  /** Two rows without a value are alike. */
  nullsAlike: boolean;
  /** Which rows it is about, as the server prints it; null = all. */
  predicate: string | null;
  /** In their order, without the columns of INCLUDE. */
  parts: UniquePart[];
}

/** One part of the key of a rule. */
export interface UniquePart {
  /** A column, quoted where needed, or an expression over columns. */
  expression: string;
  /** Qualified; null = the type has none. */
  collation: string | null;
  /** By which two values are alike: `operator(pg_catalog.=)`. */
  operator: string;
}

const rules = `
  select ic.relname as name, i.indimmediate as immediate, i.indnullsnotdistinct as "nullsAlike",
         pg_get_expr(i.indpred, i.indrelid) as predicate,
         (select json_agg(json_build_object(
                   'expression', pg_get_indexdef(i.indexrelid, p, false),
                   'collation', (select format('%I.%I', ln.nspname, l.collname) from pg_collation l join pg_namespace ln on ln.oid = l.collnamespace
                                  where l.oid = i.indcollation[p - 1]),
                   'operator', (select format('operator(%I.%s)', n.nspname, o.oprname) from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
                                 where o.oid = coalesce(k.conexclop[p], equality.oid)))
                 order by p)
            from generate_series(1, i.indnkeyatts::int) as p
            left join lateral (
              select a.amopopr as oid from pg_opclass c join pg_amop a on a.amopfamily = c.opcfamily and a.amopmethod = c.opcmethod
               where c.oid = i.indclass[p - 1] and a.amopstrategy = 3 and a.amoplefttype = c.opcintype and a.amoprighttype = c.opcintype
            ) as equality on true) as parts
    from pg_index i
    join pg_class ic on ic.oid = i.indexrelid
    join pg_class t on t.oid = i.indrelid
    join pg_namespace s on s.oid = t.relnamespace
    left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('u', 'p', 'x')
   where s.nspname = $1 and t.relname = $2 and (i.indisunique or i.indisexclusion) and i.indisready
   order by 1`;

/**
 * By name. An index that is not valid counts as soon as it is ready for inserts: then the server checks it on every
 * write (PostgreSQL documentation, `pg_index`).
 */
export async function findUniqueRules(client: PostgresClient, { schema, table }: TableName): Promise<UniqueRule[]> {
  return withPlainNames(client, async () => (await client.query<UniqueRule>(rules, [schema, table])).rows);
}
