import { queryFunctions, queryOperators, queryTypes } from './allowed';
import { expressionShapes } from './expression-shapes';
import { checkFunction, checkOperator, checkType, type Names } from './names-allowed';
import { StatementFault } from './statement-fault';
import { partsOf, type Fields, type Node } from './tree';
import type { At, Dialect, Shapes } from './walk';

const alias = { bare: 'Alias' };
const window = { bare: 'WindowDef' };
const select = { bare: 'SelectStmt' };

const shapes: Shapes = {
  ...expressionShapes,
  SelectStmt: {
    ...{
      distinctClause: 'nodes or none',
      targetList: 'nodes',
      fromClause: 'nodes',
      whereClause: 'node',
      groupClause: 'nodes',
    },
    ...{ havingClause: 'node', windowClause: 'nodes', sortClause: 'nodes', limitOffset: 'node', limitCount: 'node' },
    ...{ limitOption: 'data', withClause: { bare: 'WithClause' }, op: 'data', all: 'data', larg: select, rarg: select },
  },
  ResTarget: { name: 'data', val: 'node', location: 'data' },
  ParamRef: { number: 'data', location: 'data' },
  FuncCall: {
    ...expressionShapes['FuncCall'],
    ...{ agg_star: 'data', agg_distinct: 'data', agg_order: 'nodes', agg_filter: 'node', over: window },
  },
  TypeName: { ...expressionShapes['TypeName'], typmods: 'nodes', arrayBounds: 'data' },
  CollateClause: { arg: 'node', collname: 'data', location: 'data' },
  SQLValueFunction: { op: 'data', typmod: 'data', location: 'data' },
  SubLink: { subLinkType: 'data', testexpr: 'node', operName: 'data', subselect: 'node', location: 'data' },
  A_ArrayExpr: { elements: 'nodes', list_start: 'data', list_end: 'data', location: 'data' },
  RowExpr: { args: 'nodes', row_format: 'data', location: 'data' },
  A_Indirection: { arg: 'node', indirection: 'nodes' },
  A_Indices: { is_slice: 'data', lidx: 'node', uidx: 'node' },
  SortBy: { node: 'node', sortby_dir: 'data', sortby_nulls: 'data', location: 'data' },
  WindowDef: {
    ...{ name: 'data', refname: 'data', partitionClause: 'nodes', orderClause: 'nodes', frameOptions: 'data' },
    ...{ startOffset: 'node', endOffset: 'node', location: 'data' },
  },
  RangeVar: {
    ...{ schemaname: 'data', relname: 'data', inh: 'data', relpersistence: 'data', alias, location: 'data' },
  },
  RangeSubselect: { lateral: 'data', subquery: 'node', alias },
  JoinExpr: { jointype: 'data', larg: 'node', rarg: 'node', quals: 'node', usingClause: 'data', rtindex: 'data' },
  Alias: { aliasname: 'data' },
  WithClause: { ctes: 'nodes', location: 'data' },
  CommonTableExpr: { ctename: 'data', ctematerialized: 'data', ctequery: 'node', location: 'data' },
};

const names: Names = { functions: queryFunctions, operators: queryOperators, types: queryTypes };

/** One select that reads tables by plain expressions. What it may read is judged by {@link reachOf}. */
export const selectDialect: Dialect = {
  expected: 'one select of plain expressions',
  shapes,
  check: (kind, fields, at) => checks[kind]?.(fields, at),
};

const checks: Readonly<Record<string, (fields: Fields, at: At) => void>> = {
  A_Expr({ kind, name }, { place }) {
    // "between" has no symbol; its comparisons are <= and >=.
    if (!/^AEXPR_(NOT_)?BETWEEN(_SYM)?$/.test(String(kind))) checkOperator(name, names, place);
  },
  SubLink({ operName, subselect }, { place }) {
    if (operName !== undefined) checkOperator(operName, names, place);
    onlySelect(subselect, place);
  },
  RangeSubselect: ({ subquery }, { place }) => onlySelect(subquery, place),
  CommonTableExpr: ({ ctequery }, { place }) => onlySelect(ctequery, place),
  FuncCall: ({ funcname }, { place }) => void checkFunction(funcname, names, place),
  TypeName: ({ names: type }, { place }) => checkType(type, names, place),
  ParamRef({ number }, { place }) {
    if (number !== 1) throw new StatementFault(`expected no parameter but $1, found $${String(number ?? 0)}`, place);
  },
  SQLValueFunction({ op }, { place }) {
    if (/^SVFOP_(CURRENT_(DATE|TIME|TIMESTAMP)|LOCALTIME(STAMP)?)(_N)?$/.test(String(op))) return;
    throw new StatementFault('expected nothing of the session but the time, found its role, database or schema', place);
  },
  A_Indirection({ indirection }, { place }) {
    if ((indirection as Node[]).every((each) => each['A_Indices'] !== undefined)) return;
    throw new StatementFault('expected an element ("[1]") of an array, found a field of a row', place);
  },
  ColumnRef({ fields }, { place }) {
    if (partsOf(fields).length <= 2) return;
    throw new StatementFault(
      'expected "column" or "table.column", found a longer name; give the table an alias',
      place,
    );
  },
};

function onlySelect(node: unknown, place: number | undefined): void {
  if ((node as Node)['SelectStmt'] === undefined)
    throw new StatementFault('expected a select in each part of the statement, found a statement that writes', place);
}
