import { shown } from '../../contract/text/faults';
import type { TableName } from '../../contract/text/object-name';
import { StatementFault } from './statement-fault';
import { fieldsOf, kindOf, partsOf, type Fields, type Node } from './tree';

/** What a select reads, as far as its text says. Whether a name is a column of its table only the server knows. */
export interface Reach {
  /** Each table that is named, once a mention. */
  tables: (TableName & Place)[];
  /** `table.column`: one of `tables` has the column, or it is none. */
  columns: (Place & { column: string; tables: TableName[] })[];
  /** Columns without a table, and those that a join is by. */
  names: (Place & { column: string })[];
  /** Tables all of whose columns are read, by `*`. */
  whole: (TableName & Place)[];
}

interface Place {
  /** Byte of the text. */
  place: number | undefined;
}

/** What a name before a dot stands for: a table, or a select in the statement with these columns. */
interface Source {
  name: string;
  tables: TableName[];
  columns: ReadonlySet<string>;
}

type Sources = readonly (readonly Source[])[];

/**
 * Finds it, and gives each table its schema in place: `public` where none is written, as everywhere in a plan, whatever
 * the session's search path is. The tree is one that {@link selectDialect} has taken.
 *
 * A name in a statement can mean a whole row, and a whole row everything that is in it: `select s from sessions s`,
 * `s.to_jsonb` (the function, of the row). So the name of a table is refused where a column's could stand, and the server
 * is asked whether `s.name` is a column.
 */
export function reachOf(statement: Node): Reach {
  const reach: Reach = { tables: [], columns: [], names: [], whole: [] };
  readSelect(fieldsOf(statement), { reach, outer: [], ctes: new Map(), place: undefined });
  return reach;
}

interface Scope extends Place {
  reach: Reach;
  /** Sources of this select and of those around it, the nearest first. */
  outer: Sources;
  /** Selects of "with" that can be named here. */
  ctes: ReadonlyMap<string, Source>;
}

/** @returns what the select gives, for whoever names it */
function readSelect(fields: Fields, scope: Scope): Omit<Source, 'name'> {
  const ctes = new Map(scope.ctes);
  for (const each of ((fields['withClause'] as Fields | undefined)?.['ctes'] ?? []) as Node[]) {
    const { ctename, ctequery } = fieldsOf(each) as { ctename: string; ctequery: Node };
    ctes.set(ctename, { name: ctename, ...readSelect(fieldsOf(ctequery), { ...scope, ctes }) });
  }
  const within = { ...scope, ctes };
  const { larg, rarg, fromClause, targetList, withClause: _, ...rest } = fields;
  if (larg !== undefined && rarg !== undefined) {
    const given = readSelect(larg as Fields, within);
    readSelect(rarg as Fields, within);
    readRest(rest, { ...within, outer: [[], ...scope.outer] });
    return given;
  }
  const sources: Source[] = [];
  const own: Scope = { ...within, outer: [sources, ...scope.outer] };
  const conditions = ((fromClause ?? []) as Node[]).flatMap((item) => readFrom(item, sources, own));
  const targets = (targetList ?? []) as Node[];
  const given = targets.map((target) => readTarget(fieldsOf(target), own));
  readRest({ ...rest, conditions }, own);
  return {
    tables: given.flatMap(({ tables }) => tables),
    columns: new Set(given.flatMap(({ columns }) => [...columns])),
  };
}

/** Fills `sources`. @returns conditions of joins, which can name all of them */
function readFrom(item: Node, sources: Source[], scope: Scope): Node[] {
  const fields = fieldsOf(item);
  const alias = (fields['alias'] as { aliasname?: string } | undefined)?.aliasname;
  switch (kindOf(item)) {
    case 'RangeVar':
      sources.push(readTable(fields, alias, scope));
      return [];
    case 'RangeSubselect': {
      const given = readSelect(fieldsOf(fields['subquery'] as Node), scope);
      sources.push({ name: alias ?? '', ...given });
      return [];
    }
    default: {
      for (const column of partsOf(fields['usingClause']))
        scope.reach.names.push({ column: column ?? '', place: scope.place });
      const sides = [fields['larg'], fields['rarg']] as Node[];
      const conditions = sides.flatMap((side) => readFrom(side, sources, scope));
      return fields['quals'] === undefined ? conditions : [...conditions, fields['quals'] as Node];
    }
  }
}

function readTable(fields: Fields, alias: string | undefined, { reach, ctes }: Scope): Source {
  const { schemaname, relname = '' } = fields as { schemaname?: string; relname?: string };
  const cte = schemaname === undefined ? ctes.get(relname) : undefined;
  if (cte !== undefined) return { ...cte, name: alias ?? relname };
  const place = fields['location'] as number | undefined;
  const table = { schema: schemaname ?? 'public', table: relname };
  fields['schemaname'] = table.schema;
  reach.tables.push({ ...table, place });
  return { name: alias ?? relname, tables: [table], columns: new Set() };
}

function readTarget({ name, val }: Fields, scope: Scope): Omit<Source, 'name'> {
  if (val === undefined) return { tables: [], columns: new Set() };
  const value = val as Node;
  const column = value['ColumnRef'];
  if (column !== undefined && partsOf(column['fields']).at(-1) === undefined) return readStar(column, scope);
  readExpression(value, scope);
  const called = [name, partsOf(column?.['fields'] ?? value['FuncCall']?.['funcname']).at(-1)].find(Boolean);
  return { tables: [], columns: new Set(called === undefined ? [] : [called as string]) };
}

/** `*` and `s.*`, where a select lists what it gives. */
function readStar(column: Fields, { reach, outer }: Scope): Omit<Source, 'name'> {
  const parts = partsOf(column['fields']);
  const place = column['location'] as number | undefined;
  const meant = parts.length === 1 ? (outer[0] ?? []) : [sourceOf(parts[0] ?? '', outer, place)];
  const tables = meant.flatMap((source) => source.tables);
  reach.whole.push(...tables.map((table) => ({ ...table, place })));
  return { tables, columns: new Set(meant.flatMap((source) => [...source.columns])) };
}

function readRest(fields: Fields, scope: Scope): void {
  for (const value of Object.values(fields)) readExpression(value, scope);
}

function readExpression(value: unknown, scope: Scope): void {
  if (Array.isArray(value)) for (const each of value) readExpression(each, scope);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const fields = value as Fields;
  if (fields['ColumnRef'] !== undefined) readColumn(fields['ColumnRef'] as Fields, scope);
  else if (fields['SelectStmt'] !== undefined) readSelect(fields['SelectStmt'] as Fields, scope);
  else readRest(fields, scope);
}

function readColumn(fields: Fields, { reach, outer }: Scope): void {
  const parts = partsOf(fields['fields']);
  const place = fields['location'] as number | undefined;
  const [first = '', column] = parts;
  if (parts.includes(undefined))
    throw new StatementFault('expected "*" only where a select lists its columns, found it elsewhere', place);
  if (column === undefined) {
    const isTable = outer.some((level) => level.some(({ name }) => name === first));
    if (isTable)
      throw new StatementFault(`expected a column, found ${shown(first)}, a whole row; name its columns`, place);
    reach.names.push({ column: first, place });
    return;
  }
  const source = sourceOf(first, outer, place);
  if (source.columns.has(column)) return;
  if (source.tables.length === 0)
    throw new StatementFault(
      `expected a column of ${shown(first)}, found ${shown(column)}; give it this name by "as"`,
      place,
    );
  reach.columns.push({ column, tables: source.tables, place });
}

function sourceOf(name: string, outer: Sources, place: number | undefined): Source {
  for (const level of outer) {
    const source = level.find((each) => each.name === name);
    if (source !== undefined) return source;
  }
  throw new StatementFault(`expected a table of the statement, or its alias, found ${shown(name)}`, place);
}
