import { commentText } from './make-tables';
import type { Column, Making, Table } from './making';
import { quoted } from './names';
import type { ServerNeed } from './parts';

interface Wanted {
  feature: string;
  columns: readonly Column[];
  unique?: boolean;
  /** After `on <table>`. */
  sql: string;
  server?: ServerNeed;
  needs?: readonly string[];
  /** It is of an expression, whose statistics have a target of their own. */
  isExpression?: boolean;
}

/** An index that was made, by its part. */
export interface MadeIndex {
  id: string;
  name: string;
  unique: boolean;
}

/** Indexes of every form. `about`: a column that each of them must name. */
export function makeIndexes(making: Making, table: Table, about?: Column): MadeIndex[] {
  const made: MadeIndex[] = [];
  const makers = [plain, pair, partial, expression, ofFunction, covering, uniqueIndex, pattern];
  for (const make of making.draw.some(makers, about === undefined ? 2 : 3)) {
    const wanted = make(making, table, about);
    if (wanted !== undefined) made.push(addIndex(making, table, wanted));
  }
  return made;
}

function addIndex(making: Making, table: Table, wanted: Wanted): MadeIndex {
  const { draw } = making;
  const name = making.name();
  const qualified = `${quoted(table.schema)}.${quoted(name)}`;
  const { feature, columns, unique = false, sql, needs = [] } = wanted;
  const server = wanted.server ?? columns.map(({ type }) => type.server).find((need) => need !== undefined);
  const options = draw.chance(0.15) && !/ using (?:gin|brin|gist)/.test(sql) ? ' with (fillfactor = 70)' : '';
  const place = draw.chance(0.1) ? ' tablespace fuzz_space' : '';
  const [head, where = ''] = sql.split(/(?= where )/);
  const id = making.say({
    ...{ at: 'indexes', as: table.owner, needs: [table.id, ...columns.map((each) => each.id), ...needs], server },
    feature: [feature, ...(options ? ['storage option of an index'] : []), ...(place ? ['tablespace'] : [])],
    sql: `create ${unique ? 'unique ' : ''}index ${quoted(name)} on ${table.sql}${head}${options}${place}${where}`,
  });
  const more = (name: string, at: 'settings' | 'comments', text: string): void =>
    void making.say({ feature: name, at, sql: text, needs: [id], server });
  if (draw.chance(0.2))
    more('comment on an index', 'comments', `comment on index ${qualified} is ${commentText(making)}`);
  if (wanted.isExpression === true && draw.chance(0.5))
    more('statistics target of an index', 'settings', `alter index ${qualified} alter column 1 set statistics 321`);
  if (feature === 'index' && draw.chance(0.15) && !/ using (?:gin|brin|hash)/.test(sql))
    more('cluster mark', 'settings', `alter table ${table.sql} cluster on ${quoted(name)}`);
  if (
    unique &&
    columns.every(({ notNull }) => notNull) &&
    where === '' &&
    wanted.isExpression !== true &&
    draw.chance(0.5)
  )
    more('replica identity', 'settings', `alter table ${table.sql} replica identity using index ${quoted(name)}`);
  return { id, name, unique };
}

const chosen = (making: Making, table: Table, about: Column | undefined, fits: (column: Column) => boolean) => {
  const fitting = table.columns.filter((each) => fits(each) && (about === undefined || each === about));
  return fitting.length === 0 ? undefined : making.draw.pick(fitting);
};

/** One that a B-tree index may be made of: from now on its values are short. */
function ordered(making: Making, table: Table, about?: Column): Column | undefined {
  const column = chosen(making, table, about, (each) => each.type.indexes.includes('btree') && !isVirtual(each));
  if (column !== undefined) column.isIndexed = true;
  return column;
}

const isVirtual = ({ generated, isIndexed, isUnique }: Column): boolean => generated && isIndexed && !isUnique;

function plain(making: Making, table: Table, about?: Column): Wanted | undefined {
  const column = chosen(making, table, about, (each) => each.type.indexes.length > 0 && !isVirtual(each));
  if (column === undefined) return undefined;
  column.isIndexed = true;
  const method = making.draw.pick(column.type.indexes);
  const order = method === 'btree' ? making.draw.pick(['', ' desc', ' asc nulls first', ' desc nulls last']) : '';
  const feature = method === 'btree' ? 'index' : `index using ${method}`;
  return { feature, columns: [column], sql: ` using ${method} (${quoted(column.name)}${order})` };
}

function pair(making: Making, table: Table, about?: Column): Wanted | undefined {
  const first = ordered(making, table, about);
  const second = ordered(making, table);
  if (first === undefined || second === undefined || first === second) return undefined;
  const columns = making.draw.chance(0.5) ? [first, second] : [second, first];
  const sql = ` (${columns.map(({ name }) => quoted(name)).join(', ')})`;
  return { feature: 'index of two columns', columns, sql };
}

function partial(making: Making, table: Table, about?: Column): Wanted | undefined {
  const column = ordered(making, table);
  const other = about ?? making.draw.pick(table.columns);
  if (column === undefined || isVirtual(other)) return undefined;
  const sql = ` (${quoted(column.name)}) where ${quoted(other.name)} is not null`;
  return { feature: 'partial index', columns: [column, other], sql };
}

function expression(making: Making, table: Table, about?: Column): Wanted | undefined {
  const column = chosen(making, table, about, ({ type, generated }) => type.textual === true && !generated);
  if (column === undefined) return undefined;
  const name = `${quoted(column.name)}::text`;
  const deterministic = column.type.name === 'text without case' ? ' collate "C"' : '';
  const of = making.draw.pick([`lower(${name}${deterministic})`, `md5(${name})`, `octet_length(${name})`]);
  column.isIndexed ||= of.startsWith('lower');
  return { feature: 'expression index', columns: [column], sql: ` ((${of}))`, isExpression: true };
}

/** A function that names another one, with its schema or by the path of whoever calls it. */
function ofFunction(making: Making, table: Table, about?: Column): Wanted | undefined {
  const column = chosen(making, table, about, ({ type, generated }) => type.textual === true && !generated);
  if (column === undefined) return undefined;
  const isPlain = making.draw.chance(0.3);
  const inner = `create function public.fuzz_inner(t text) returns text immutable language sql as $$ select md5(t) $$`;
  const made = making.add({ id: 'inner function', statements: [{ at: 'functions', sql: inner }] });
  const name = isPlain ? 'fuzz_outer_plain' : 'fuzz_outer';
  const called = isPlain ? 'fuzz_inner(t)' : 'public.fuzz_inner(t)';
  const sql = `create function public.${name}(t text) returns text immutable language plpgsql as $$ begin return ${called}; end $$`;
  const id = making.add({ id: `function ${name}`, needs: [made], statements: [{ at: 'functions', sql }] });
  return {
    feature: isPlain ? 'index of a function without schema' : 'index of a function',
    ...{ columns: [column], needs: [id], isExpression: true },
    // Since PostgreSQL 17 an index is built with the server's own path.
    ...(isPlain && { server: { ...column.type.server, below: 17 } }),
    sql: ` (public.${name}(${quoted(column.name)}::text))`,
  };
}

function covering(making: Making, table: Table, about?: Column): Wanted | undefined {
  const key = ordered(making, table);
  const column = about ?? making.draw.pick(table.columns);
  if (key === undefined || key === column || isVirtual(column)) return undefined;
  column.isIndexed = true;
  const columns = [key, column];
  return { feature: 'covering index', columns, sql: ` (${quoted(key.name)}) include (${quoted(column.name)})` };
}

function uniqueIndex(making: Making, table: Table, about?: Column): Wanted | undefined {
  const column = chosen(
    making,
    table,
    about,
    (each) => each.type.distinct !== undefined && !each.values && !each.generated,
  );
  if (column === undefined || !column.type.indexes.includes('btree')) return undefined;
  Object.assign(column, { isUnique: true, isIndexed: true });
  const where = making.draw.chance(0.4) ? ` where ${quoted(column.name)} is not null` : '';
  const nulls = making.draw.chance(0.2) ? ' nulls not distinct' : '';
  const sql = ` (${quoted(column.name)})${nulls}${where}`;
  return {
    feature: `unique index${where && ', partial'}${nulls && ', nulls not distinct'}`,
    columns: [column],
    unique: true,
    sql,
  };
}

function pattern(making: Making, table: Table, about?: Column): Wanted | undefined {
  const column = chosen(making, table, about, ({ type }) => type.name === 'text');
  if (column === undefined) return undefined;
  const isTrigram = making.draw.chance(0.5);
  column.isIndexed = true;
  const needs = isTrigram ? [making.use('pg_trgm')] : [];
  const sql = isTrigram
    ? ` using gin (${quoted(column.name)} "extra".gin_trgm_ops)`
    : ` (${quoted(column.name)} text_pattern_ops)`;
  const feature = isTrigram ? 'index using an operator class of an extension' : 'index of an operator class';
  return { feature, columns: [column], sql, needs, ...(isTrigram && { server: { contrib: true } }) };
}
