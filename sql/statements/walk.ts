import { StatementFault } from './statement-fault';
import { fieldsOf, kindOf, type Fields, type Node } from './tree';

/**
 * What a field holds: plain data; a node; several; several or one empty one; or the fields of a node of this kind, without
 * its kind.
 */
type Holds = 'data' | 'node' | 'nodes' | 'nodes or none' | { bare: string };

/**
 * What a statement may consist of: kinds of nodes, and their fields. Whatever is not written here is refused, so that a
 * new version of the grammar brings nothing in.
 */
export type Shapes = Readonly<Record<string, Readonly<Record<string, Holds>>>>;

/** A part of SQL that a plan may be written in: proofs, or selects. */
export interface Dialect {
  /** What a reader of the message was allowed to write. */
  expected: string;
  shapes: Shapes;
  /** Looks at what one node says: names, numbers, kinds of operators. Throws {@link StatementFault}. */
  check(kind: string, fields: Fields, at: At): void;
}

/** Where the walk is. */
export interface At {
  /** Nearest known byte of the text. */
  place: number | undefined;
  /** Kinds from the root to the parent of this node. */
  parents: readonly string[];
}

/** Deeper trees take whatever walks them more time than anybody would wait. */
const mostDepth = 100;

/** Looks at every node and every field of it. @throws StatementFault with the first that is not allowed */
export function walk(root: Node, dialect: Dialect): void {
  visitNode(root, { dialect, place: undefined, parents: [] });
}

/** Where the walk is, and by what it judges. */
interface Walking extends At {
  dialect: Dialect;
}

function visitNode(node: unknown, walking: Walking): void {
  if (typeof node !== 'object' || node === null || Object.keys(node).length !== 1)
    throw refused(walking.dialect, 'something without a name', walking.place);
  visit(kindOf(node as Node), fieldsOf(node as Node), walking);
}

function visit(kind: string, fields: Fields, { dialect, place: before, parents }: Walking): void {
  const place = typeof fields['location'] === 'number' && fields['location'] >= 0 ? fields['location'] : before;
  if (parents.length >= mostDepth) throw refused(dialect, `more than ${mostDepth} levels`, place);
  const shape = dialect.shapes[kind];
  if (shape === undefined || !Object.hasOwn(dialect.shapes, kind)) throw refused(dialect, inWords(kind), place);
  for (const name of Object.keys(fields))
    if (!Object.hasOwn(shape, name)) throw refused(dialect, inWords(`${kind}.${name}`), place);
  dialect.check(kind, fields, { place, parents });
  const below: Walking = { dialect, place, parents: [...parents, kind] };
  for (const [name, value] of Object.entries(fields)) visitField(value, shape[name] ?? 'data', below);
}

function visitField(value: unknown, holds: Holds, walking: Walking): void {
  if (holds === 'data') return;
  if (holds === 'node') visitNode(value, walking);
  else if (holds === 'nodes or none' && JSON.stringify(value) === '[{}]') return;
  else if (holds === 'nodes' || holds === 'nodes or none') {
    if (!Array.isArray(value)) throw refused(walking.dialect, 'something without a name', walking.place);
    for (const each of value) visitNode(each, walking);
  } else visit(holds.bare, value as Fields, walking);
}

const refused = ({ expected }: Dialect, found: string, place: number | undefined): StatementFault =>
  new StatementFault(`expected ${expected}, found ${found}`, place);

/** How people call what the grammar calls by other names; the rest can be guessed from its name. */
const words: Readonly<Record<string, string>> = {
  'SelectStmt.lockingClause': 'a lock ("for update", "for share"); leave it out',
  'SelectStmt.intoClause': '"into", which makes a table; leave it out',
  'SelectStmt.valuesLists': '"values"; select from a table',
  'SelectStmt.fromClause': '"from"; name the two words alone',
  'SelectStmt.whereClause': '"where"; name the two words alone',
  'WithClause.recursive': '"recursive"; leave it out',
  'RangeVar.catalogname': 'the name of a database; leave it out',
  'Alias.colnames': 'other names for columns after an alias; name the columns as they are',
  'JoinExpr.isNatural': 'a natural join; write "on" with the columns',
  'JoinExpr.alias': 'an alias for a join; name its tables',
  'FuncCall.func_variadic': '"variadic"; write the values one by one',
  'CaseExpr.casetype': 'a case with a type',
  'SubLink.xpr': 'a query',
  SubLink: 'a query ("select" in parentheses)',
  RangeFunction: 'a function in "from"; name a table',
  RangeTableFunc: '"xmltable"; name a table',
  JsonTable: '"json_table"; name a table',
  RangeTableSample: '"tablesample"; leave it out',
  InsertStmt: 'an insert',
  UpdateStmt: 'an update',
  DeleteStmt: 'a delete',
  MergeStmt: 'a merge',
  CopyStmt: 'a copy',
  DoStmt: '"do", which runs a program',
  CallStmt: '"call", which runs a program',
  LockStmt: 'a lock',
  ExplainStmt: 'an explain',
  TransactionStmt: 'the begin or end of a transaction',
  VariableSetStmt: '"set"',
  VariableShowStmt: '"show"',
  ExecuteStmt: '"execute"',
  PrepareStmt: '"prepare"',
  CreateTableAsStmt: '"create table as"',
  ParamRef: 'a parameter ("$1")',
  A_ArrayExpr: 'an array',
  A_Indirection: 'a part of a value (".field" or "[1]")',
  RowExpr: 'a row of values',
  XmlExpr: 'XML',
  XmlSerialize: 'XML',
  SQLValueFunction: 'a value of the session, such as current_user or current_date',
  NamedArgExpr: 'an argument with a name; write its value alone',
  SetToDefault: '"default"',
  GroupingSet: 'grouping sets',
  CurrentOfExpr: '"current of"',
};

const inWords = (name: string): string => words[name] ?? `"${name.replace(/Stmt$/, '').replace('.', ' with ')}"`;
