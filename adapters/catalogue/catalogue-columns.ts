import type { PostgresClient } from '../postgres/postgres';

/** A table of the server's own catalogue, as this server has it: a later version adds columns, and these are seen, too. */
export interface Catalogue {
  /** Such as `pg_class`. */
  name: string;
  /** What its rows are found by: `oid`, or, where they are part of something else, the column that names it. */
  key: string;
  /** The catalogue that {@link key} points at: itself where it is `oid`. */
  keyOf: string;
  /** Whether several rows belong to one object. */
  many: boolean;
  /** Those that are compared; {@link leftOut} has the others. */
  columns: CatalogueColumn[];
}

/** A column of a catalogue, and what its numbers mean. */
export interface CatalogueColumn {
  /** Such as `relowner`. */
  name: string;
  /** As `format_type` prints it. */
  type: string;
  /**
   * The catalogue whose rows its numbers mean; `pg_attribute` = numbers of columns of what `relation` names; null = it
   * points at nothing. As `pg_get_catalog_foreign_keys()` tells it (PostgreSQL documentation, "System Catalog
   * Information Functions").
   */
  pointsAt: string | null;
  /** It holds an array of such numbers. */
  isList: boolean;
  /** For numbers of columns: the column of the same row that names their table; null = the row's own key does. */
  relation: string | null;
}

/**
 * What no comparison can see, each with its reason. All else is compared, also what none of us has heard of: to leave
 * something out is a decision, to see it is not.
 */
export const leftOut: Readonly<Record<string, string>> = {
  oid: 'a number that the server gives; names are compared',
  'pg_class.relname': "in the object's name; that of a TOAST table is a number",
  'pg_class.relfilenode': 'name of a file',
  'pg_class.relpages': 'statistics',
  'pg_class.reltuples': 'statistics',
  'pg_class.relallvisible': 'statistics',
  'pg_class.relallfrozen': 'statistics',
  'pg_class.relhasindex': 'a hint, which vacuum may set back later',
  'pg_class.relhasrules': 'a hint, which vacuum may set back later',
  'pg_class.relhastriggers': 'a hint, which vacuum may set back later',
  'pg_class.relhassubclass': 'a hint, which vacuum may set back later',
  'pg_class.relnatts': 'counts columns that were dropped long ago',
  'pg_class.relchecks': 'a count: each constraint is compared',
  'pg_class.reltoastrelid': 'its name is a number; its options are compared',
  'pg_class.relrewrite': 'set inside a rewrite alone',
  'pg_class.relfrozenxid': 'the age of rows',
  'pg_class.relminmxid': 'the age of rows',
  'pg_attribute.attcacheoff': 'only in memory',
  'pg_attribute.atthasmissing': 'how rows are stored',
  'pg_attribute.attmissingval': 'how rows are stored: a value of theirs',
  'pg_attribute.attisdropped': 'what was dropped is not there',
  'pg_index.indcheckxmin': 'which transactions may use it, for a moment',
  'pg_trigger.tgconstrindid': 'of a foreign key: the server takes one of equal indexes',
  'pg_trigger.tgname': "in the object's name; the server names its own ones by numbers",
  'pg_type.typname': "in the object's name; that of a list type is the server's choice",
  'pg_subscription_rel.srsubstate': 'how far a copy is',
  'pg_subscription_rel.srsublsn': 'how far a copy is',
};

/** Catalogues of which nothing is compared. */
const wholeLeftOut = {
  pg_statistic: 'statistics: of rows, with values',
  pg_statistic_ext_data: 'statistics: of rows, with values',
};

/** Pointers that the server's own list of them lacks. */
const unlisted = [
  ['pg_constraint', 'confdelsetcols', 'conrelid'],
  ['pg_publication_rel', 'prattrs', 'prrelid'],
];

const catalogueFacts = `
  with pointers as (
    select fktable, fkcols[array_upper(fkcols, 1)] as col, pktable, is_array, case when array_length(fkcols, 1) > 1 then fkcols[1] end as relation
      from pg_get_catalog_foreign_keys()
    union all
    select format('pg_catalog.%I', l.t)::regclass, l.c, 'pg_catalog.pg_attribute'::regclass, true, l.r
      from unnest($2::text[], $3::text[], $4::text[]) as l(t, c, r)
  ), keys as (
    select i.indrelid, i.indkey[0] as first, i.indnkeyatts > 1 as many from pg_index i where i.indisprimary
  ), found as (
    select c.oid, c.relname, exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'oid') as numbered,
           k.many, ka.attname as key, kp.pktable
      from pg_class c
      left join keys k on k.indrelid = c.oid
      left join pg_attribute ka on ka.attrelid = c.oid and ka.attnum = k.first
      left join pointers kp on kp.fktable = c.oid and kp.col = ka.attname and kp.relation is null
     where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared and c.relname <> all ($1::text[])
  )
  select f.relname as name, case when f.numbered then 'oid' else f.key end as key,
         case when f.numbered then f.relname else (select relname from pg_class where oid = f.pktable) end as "keyOf",
         not f.numbered and f.many and f.relname <> 'pg_attribute' as many,
         (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                   'pointsAt', (select relname from pg_class where oid = p.pktable), 'isList', coalesce(p.is_array, false), 'relation', p.relation)
                 order by a.attnum)
            from pg_attribute a
            left join lateral (select * from pointers p where p.fktable = f.oid and p.col = a.attname order by p.relation is null limit 1) p on true
           where a.attrelid = f.oid and a.attnum > 0 and not a.attisdropped) as columns
    from found f
   where f.numbered or f.pktable is not null`;

/** Catalogues whose rows are objects of a database, or parts of one; without what they only say of them. */
export async function readCatalogues(client: PostgresClient): Promise<Catalogue[]> {
  const { rows } = await client.query<Catalogue>(catalogueFacts, [
    Object.keys(wholeLeftOut),
    ...[0, 1, 2].map((index) => unlisted.map((each) => each[index])),
  ]);
  return rows.map(({ columns, ...catalogue }) => ({
    ...catalogue,
    columns: columns.filter(({ name }) => !(name in leftOut) && !(`${catalogue.name}.${name}` in leftOut)),
  }));
}
