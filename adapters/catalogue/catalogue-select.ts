import type { Catalogue, CatalogueColumn } from './catalogue-columns';

/** The statements of a snapshot: rows of the catalogue with names for numbers, and source text for trees. */

/** `$1`, `$2` = numbers of the objects, and of the column of each (0 = all of it). */
export function selectRows(catalogue: Catalogue): string {
  const { name, key, keyOf, many, columns } = catalogue;
  const shown = columns.filter((column) => column.name !== key && column.name !== 'attnum');
  const facts = shown.map((column) => `'${column.name}', ${valueOf(catalogue, column)}`);
  const extra = (extras[name] ?? []).map(([label, sql]) => `'${label}', ${sql}`);
  const subId = name === 'pg_attribute' ? 'r.attnum' : '0';
  return (
    `select ${objectName(name === 'pg_attribute' ? 'pg_class' : keyOf, { id: `r.${key}`, subId })} as object, ` +
    `${many ? `'${name}'` : 'null'} as list, jsonb_strip_nulls(${inParts([...facts, ...extra])}) as facts ` +
    `from pg_catalog.${name} r join unnest($1::oid[], $2::int[]) as w(id, sub) on w.id = r.${key} where ${conditions[name] ?? 'w.sub = 0'}`
  );
}

/** A function takes 100 arguments at most. */
function inParts(pairs: readonly string[]): string {
  const parts: string[] = [];
  for (let from = 0; from < pairs.length; from += 40)
    parts.push(`jsonb_build_object(${pairs.slice(from, from + 40).join(', ')})`);
  return parts.join(' || ') || `'{}'::jsonb`;
}

const conditions: Record<string, string> = {
  pg_attribute:
    'r.attnum > 0 and not r.attisdropped and w.sub in (0, r.attnum)' +
    ` and (select relkind from pg_class where oid = r.attrelid) not in ('S', 't')`,
};

const order = `(select jsonb_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped)`;

/** What is no column of the catalogue, or stands in trees that only the server's own function can read. */
const extras: Record<string, [string, string][]> = {
  pg_class: [['columns', `case when r.relkind in ('r', 'p', 'f') then ${order} end`]],
  pg_attribute: [
    ['place', `case when (select relkind from pg_class where oid = r.attrelid) in ('i', 'I') then r.attnum end`],
  ],
  pg_constraint: [['definition', 'pg_get_constraintdef(r.oid)']],
  pg_index: [['definition', 'pg_get_indexdef(r.indexrelid)']],
  pg_rewrite: [['definition', 'pg_get_ruledef(r.oid)']],
  pg_trigger: [['definition', 'case when not r.tgisinternal then pg_get_triggerdef(r.oid) end']],
  pg_statistic_ext: [['expressions', 'to_jsonb(pg_get_statisticsobjdef_expressions(r.oid))']],
};

/** By which relation a tree's columns are named; null = its text is in {@link extras}. */
const trees: Record<string, string | null> = {
  'pg_attrdef.adbin': 'r.adrelid',
  'pg_constraint.conbin': 'r.conrelid',
  'pg_index.indexprs': 'r.indrelid',
  'pg_index.indpred': 'r.indrelid',
  'pg_policy.polqual': 'r.polrelid',
  'pg_policy.polwithcheck': 'r.polrelid',
  'pg_class.relpartbound': 'r.oid',
  'pg_partitioned_table.partexprs': 'r.partrelid',
  'pg_publication_rel.prqual': 'r.prrelid',
  'pg_type.typdefaultbin': '0',
  'pg_rewrite.ev_qual': null,
  'pg_rewrite.ev_action': null,
  'pg_trigger.tgqual': null,
  'pg_statistic_ext.stxexprs': null,
};

/** Columns without a meaning of their order: the server sorts them by the place in the row. */
const sets = new Set(['pg_statistic_ext.stxkeys', 'pg_publication_rel.prattrs']);

function valueOf(catalogue: Catalogue, { name, type, pointsAt, isList, relation }: CatalogueColumn): string {
  const column = `r.${name}`;
  const full = `${catalogue.name}.${name}`;
  if (type === 'pg_node_tree') return treeOf(full, column);
  if (type === 'aclitem[]') return rights(catalogue.name, column);
  // Some 15s note a version of their own in the options of a column (pg_attver); no statement sets it.
  if (type === 'text[]')
    return `(select jsonb_agg(v order by v collate "C") from unnest(${column}) v where not starts_with(v, 'pg_attver='))`;
  if (pointsAt === null) return shown(type === 'bigint' ? `${column}::text` : column); // JavaScript has no such numbers
  // The server lets a foreign key lean on one of equal indexes, and no statement says on which.
  if (full === 'pg_constraint.conindid') return `(case when r.contype <> 'f' then ${nameOf('pg_class', column)} end)`;
  const one = (value: string): string =>
    pointsAt === 'pg_attribute'
      ? `(select attname from pg_attribute where attrelid = r.${relation ?? catalogue.key} and attnum = ${value})`
      : nameOf(pointsAt, value);
  if (!isList) return `(${one(column)})`;
  const sorting = sets.has(full) ? 'n collate "C"' : 'i';
  return `(select jsonb_agg(n order by ${sorting}) from unnest(${column}) with ordinality u(v, i), lateral (select ${one('u.v')}::text as n) x)`;
}

/** What is nothing is left out, so that a column which a later version adds is no difference by itself. */
const shown = (column: string): string =>
  `(select case when v in ('""'::jsonb, 'false'::jsonb) then null else v end from to_jsonb(${column}) v)`;

function treeOf(full: string, column: string): string {
  const relation = trees[full];
  if (relation === null) return 'null';
  if (relation === undefined) return `regexp_replace(${column}::text, ':location -?\\d+', '', 'g')`; // of a later version
  return `pg_get_expr(${column}, ${relation})`;
}

/** Without an own list, an object has the rights that every new one has. */
const usualRights: Record<string, string> = {
  pg_class: `case when r.relkind not in ('i', 'I', 't') then acldefault(case r.relkind when 'S' then 's'::"char" else 'r'::"char" end, r.relowner) end`,
  pg_type: `acldefault('T', r.typowner)`,
};

function rights(catalogue: string, column: string): string {
  const usual = usualRights[catalogue];
  const list = usual === undefined ? column : `coalesce(${column}, ${usual})`;
  const role = (oid: string): string => `case when g.${oid} = 0 then 'public' else pg_get_userbyid(g.${oid})::text end`;
  return (
    `(select jsonb_agg(g order by g::text collate "C") from (select jsonb_build_object('grantee', ${role('grantee')}, ` +
    `'grantor', ${role('grantor')}, 'privilege', lower(g.privilege_type), 'grantable', g.is_grantable) as g from aclexplode(${list}) g) granted)`
  );
}

const nameOf = (catalogue: string, value: string): string =>
  catalogue === 'pg_authid'
    ? `case when ${value} = 0 then 'public' else pg_get_userbyid(${value})::text end`
    : `case when ${value} <> 0 then ${objectName(catalogue, { id: value, subId: '0' }, false)} end`;

/** Number of an object in its catalogue, and of the column of it (0 = all of it); both as SQL. */
interface ObjectNumbers {
  id: string;
  subId: string;
}

/** With its kind, for what a row is of; without it for what it points at. */
function objectName(catalogue: string, { id, subId }: ObjectNumbers, withKind = true): string {
  const plain = `(select ${withKind ? `o.type || ' ' || ` : ''}o.identity from pg_identify_object('pg_catalog.${catalogue}'::regclass, ${id}, ${subId}) o)`;
  if (catalogue === 'pg_class')
    return `coalesce((select 'TOAST of ' || t.oid::regclass from pg_class t where t.reltoastrelid = ${id}), ${plain})`;
  if (catalogue !== 'pg_trigger') return plain;
  // The server's own ones: their names are numbers.
  return (
    `(select case when g.tgisinternal then format('%s of %s on %s', g.tgfoid::regproc, ` +
    `coalesce((select identity from pg_identify_object('pg_catalog.pg_constraint'::regclass, g.tgconstraint, 0)), 'the server'), g.tgrelid::regclass) ` +
    `else ${plain} end from pg_trigger g where g.oid = ${id})`
  );
}

/** What is said of objects of a catalogue: comments, labels, rights that came with an extension, what they belong to. */
export const selectSaid = (catalogue: string): string => `
  with wanted as (select * from unnest($1::oid[], $2::int[]) as w(id, sub)),
  said as (
    select d.classoid, d.objoid, d.objsubid, 'comment' as fact, to_jsonb(d.description) as value from pg_description d
    union all
    select l.classoid, l.objoid, l.objsubid, 'label of ' || l.provider, to_jsonb(l.label) from pg_seclabel l
    union all
    select i.classoid, i.objoid, i.objsubid, 'initprivs', to_jsonb(i.initprivs::text[]) from pg_init_privs i
    union all
    select p.classid, p.objid, p.objsubid, 'belongs to', jsonb_agg(o.type || ' ' || o.identity order by o.identity)
      from wanted w join pg_depend p on p.classid = 'pg_catalog.${catalogue}'::regclass and p.objid = w.id
      cross join lateral pg_identify_object(p.refclassid, p.refobjid, p.refobjsubid) o
     where p.deptype in ('e', 'x')
        or p.deptype in ('a', 'i') and p.classid = 'pg_class'::regclass and (select relkind = 'S' from pg_class where oid = p.objid)
     group by 1, 2, 3
  )
  select ${objectName(catalogue, { id: 's.objoid', subId: 's.objsubid' })} as object, null as list, jsonb_build_object(s.fact, s.value) as facts
    from said s join wanted w on s.objoid = w.id and (w.sub = 0 or w.sub = s.objsubid)
   where s.classoid = 'pg_catalog.${catalogue}'::regclass`;
