import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/** What the catalogue says of a table as a partition. */
export interface PartitionFacts {
  /** A table that has partitions itself; one of another server, of which this one has no row. */
  kind: 'table' | 'partitioned table' | 'foreign table';
  /** The table right above it; null = it is no partition, or none any more. */
  of: TableName | null;
  /** As `attach partition` takes it: `FOR VALUES …` or `DEFAULT`; null likewise. */
  bound: string | null;
  /** Condition that each of its rows fulfils; null likewise, and for the only partition of all rows. */
  holds: string | null;
  /** A `detach … concurrently` was cut off: queries have its rows no more, and only `finalize` ends it. */
  isDetachPending: boolean;
}

/** What the catalogue says of a table as one that has partitions. */
export interface PartitionedFacts {
  by: 'range' | 'list' | 'hash';
  /** The partition of all rows that no other one takes; null = such rows are refused. */
  others: TableName | null;
  /** By bound: each partition right below it, but for the default one. */
  partitions: (TableName & { bound: string })[];
}

const named = `(select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2)`;

const nameOf = (oid: string): string =>
  `(select json_build_object('schema', n.nspname, 'table', c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = ${oid})`;

/** Undefined: no such table. */
export async function readPartition(
  client: PostgresClient,
  { schema, table }: TableName,
): Promise<PartitionFacts | undefined> {
  const { rows } = await client.query<PartitionFacts>(
    `select case t.relkind when 'p' then 'partitioned table' when 'f' then 'foreign table' else 'table' end as kind,
            case when t.relispartition then ${nameOf('i.inhparent')} end as of,
            pg_get_expr(t.relpartbound, t.oid) as bound,
            case when t.relispartition then pg_get_partition_constraintdef(t.oid) end as holds,
            coalesce(i.inhdetachpending, false) as "isDetachPending"
       from pg_class t left join pg_inherits i on t.relispartition and i.inhrelid = t.oid
      where t.oid = ${named} and t.relkind in ('r', 'p', 'f')`,
    [schema, table],
  );
  return rows[0];
}

/** Undefined: there is no such table, or it has no partitions. */
export async function readPartitioned(
  client: PostgresClient,
  { schema, table }: TableName,
): Promise<PartitionedFacts | undefined> {
  const { rows } = await client.query<PartitionedFacts>(
    `select case p.partstrat when 'r' then 'range' when 'l' then 'list' else 'hash' end as by,
            case when p.partdefid <> 0 then ${nameOf('p.partdefid')} end as others,
            (select coalesce(json_agg(json_build_object('schema', n.nspname, 'table', c.relname, 'bound', pg_get_expr(c.relpartbound, c.oid))
                                      order by n.nspname, c.relname), '[]')
               from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
              where i.inhparent = p.partrelid and c.oid <> p.partdefid) as partitions
       from pg_partitioned_table p where p.partrelid = ${named}`,
    [schema, table],
  );
  return rows[0];
}

/** A CHECK of a table. */
export interface CheckFacts {
  /** Its condition. */
  holds: string;
  isValid: boolean;
  /** Null = none. */
  comment: string | null;
}

/** Undefined: the table has none of that name. */
export async function readCheck(
  client: PostgresClient,
  { schema, table }: TableName,
  name: string,
): Promise<CheckFacts | undefined> {
  const { rows } = await client.query<CheckFacts>(
    `select pg_get_expr(conbin, conrelid) as holds, convalidated as "isValid", obj_description(oid, 'pg_constraint') as comment from pg_constraint
      where conrelid = ${named} and conname = $3 and contype = 'c'`,
    [schema, table, name],
  );
  return rows[0];
}

/** A trigger that a partition has from the table above it, and that is switched otherwise there. */
export interface SwitchedTrigger {
  /** Quoted where needed. */
  name: string;
  /** `O` = in ordinary sessions, `D` = never, `R` = in replica mode, `A` = always (PostgreSQL documentation, `pg_trigger`). */
  enabled: string;
  /** The same of the one above. */
  above: string;
}

/** Attaching makes each anew, as it is switched above. */
export async function findSwitchedTriggers(
  client: PostgresClient,
  { schema, table }: TableName,
): Promise<SwitchedTrigger[]> {
  const { rows } = await client.query<SwitchedTrigger>(
    `select quote_ident(g.tgname) as name, g.tgenabled as enabled, a.tgenabled as above
       from pg_trigger g join pg_trigger a on a.oid = g.tgparentid
      where g.tgrelid = ${named} and not g.tgisinternal and g.tgenabled <> a.tgenabled order by 1`,
    [schema, table],
  );
  return rows;
}
