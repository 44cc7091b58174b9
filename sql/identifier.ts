import { shown } from '../contract/faults';

/** Names of database objects: taken apart, and put into statements. */
export interface TableName {
  schema: string;
  table: string;
}

export interface ColumnName extends TableName {
  column: string;
}

/** `table` or `schema.table`; the schema is `public` where none is written. Throws if it is neither. */
export function parseTableName(text: string): TableName {
  const [table, schema = 'public', ...rest] = partsOf(text).reverse();
  if (table === undefined || rest.length > 0) throw unreadable('"table" or "schema.table"', text);
  return { schema, table };
}

/** `table.column` or `schema.table.column`. Throws if it is neither. */
export function parseColumnName(text: string): ColumnName {
  const [column, table, schema = 'public', ...rest] = partsOf(text).reverse();
  if (column === undefined || table === undefined || rest.length > 0) {
    throw unreadable('"table.column" or "schema.table.column"', text);
  }
  return { schema, table, column };
}

const onePart = /^(?:"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_$]*))(\.(?=.)|$)/;

/** Names stand exactly as they are in the database, with capitals if they are written with capitals. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let rest = text; rest !== '';) {
    const found = onePart.exec(rest);
    if (found === null) return [];
    parts.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    rest = rest.slice(found[0].length);
  }
  // The server cuts longer names silently, and would then mean something else.
  return parts.every((part) => Buffer.byteLength(part) <= 63) ? parts : [];
}

const unreadable = (expected: string, found: string): Error => new Error(`expected ${expected}, found ${shown(found)}`);

/** Quoted only where the server needs it, so that people read `public.sessions`. */
export function quoteIdentifier(name: string): string {
  const plain = /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name);
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `public.sessions`: always with its schema, whatever the search path is. */
export const qualifiedName = ({ schema, table }: TableName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;

/** A text constant, safe also where `standard_conforming_strings` is off. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** Keywords that can't be a column's or a table's name unless quoted; PostgreSQL documentation, appendix C. */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
  column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
  from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
  returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
  unique user using variadic verbose when where window with between bigint bit boolean char character coalesce dec
  decimal exists extract float greatest grouping inout int integer interval json json_array
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value least merge_action national nchar none normalize nullif
  numeric out overlay position precision real row setof smallint substring time timestamp treat trim values varchar
  xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`.split(
    /\s+/,
  ),
);
