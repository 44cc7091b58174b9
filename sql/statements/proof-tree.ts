import { shown } from '../../contract/text/faults';
import { proofFunctions, proofOperators, proofTypes } from './allowed';
import { parseStatements } from './grammar';
import { located } from './located';
import { expressionShapes } from './expression-shapes';
import { checkFunction, checkOperator, checkType, usualName, type Names } from './names-allowed';
import { copies, plainOperators } from './plain-operators';
import { StatementFault } from './statement-fault';
import { fieldsOf, kindOf, mapTree, partsOf, type Fields, type Node } from './tree';
import { walk, type At, type Dialect, type Shapes } from './walk';

/** The two words of a proof. */
export type ProofWord = 'replacement' | 'removed';

const isWord = (name: string | undefined): name is ProofWord => name === 'replacement' || name === 'removed';

/**
 * A plan's proof as a tree, in which the two words are columns: an expression that can neither read anything else nor do
 * anything, and that means the same in every session.
 *
 * @throws StatementFault with the first thing that it may not hold
 */
export function proofTree(proof: string): Node {
  const tree = expressionOf(proof);
  const named = new Set<string>();
  mapTree(tree, (kind, fields) => {
    if (kind === 'ColumnRef') named.add(partsOf(fields['fields'])[0] ?? '');
    return undefined;
  });
  for (const word of ['replacement', 'removed'])
    if (!named.has(word))
      throw new StatementFault(`expected a proof that names "${word}", found none; without it nothing is proven`);
  return mapTree(plainOperators(tree), guardNumber);
}

function expressionOf(proof: string): Node {
  // Not in parentheses, which a text could close.
  return located('select ', proof, (sql) => {
    const [statement, ...more] = parseStatements(sql);
    if (statement === undefined || more.length > 0)
      throw new StatementFault(`expected ${proofDialect.expected}, found ${more.length + 1} statements`);
    walk(statement, proofDialect);
    const [target, another] = (fieldsOf(statement)['targetList'] ?? []) as Node[];
    const value = target?.['ResTarget']?.['val'] as Node | undefined;
    if (value === undefined || another !== undefined)
      throw new StatementFault(`expected ${proofDialect.expected}, found ${value === undefined ? 'none' : 'several'}`);
    return value;
  });
}

/** Such an expression of our own, from its text. */
export const ownExpression = (sql: string): Node => {
  const [statement] = parseStatements(`select ${sql}`);
  const [target] = ((statement && fieldsOf(statement)['targetList']) ?? []) as Node[];
  return target?.['ResTarget']?.['val'] as Node;
};

/** The proof's tree with the two words replaced by expressions. */
export const withWords = (tree: Node, { replacement, removed }: Readonly<Record<ProofWord, Node>>): Node =>
  mapTree(tree, (kind, fields) => {
    if (kind !== 'ColumnRef') return undefined;
    const [name, ...more] = partsOf(fields['fields']);
    return more.length > 0 || !isWord(name) ? undefined : { replacement, removed }[name];
  });

/** The column that is a word of the proof; undefined for any other node. */
export function wordOf(node: Node | undefined): ProofWord | undefined {
  const [name] = partsOf(node?.['ColumnRef']?.['fields']);
  return isWord(name) ? name : undefined;
}

const shapes: Shapes = {
  ...expressionShapes,
  SelectStmt: { targetList: 'nodes', limitOption: 'data', op: 'data' },
  ResTarget: { val: 'node', location: 'data' },
};

const proofDialect: Dialect = {
  expected: 'one expression over "replacement" and "removed"',
  shapes,
  check(kind, fields, at) {
    checks[kind]?.(fields, at);
  },
};

const checks: Readonly<Record<string, (fields: Fields, at: At) => void>> = {
  ColumnRef({ fields }, { place }) {
    const parts = partsOf(fields);
    if (parts.length === 1 && isWord(parts[0])) return;
    const found = shown(parts.map((part) => part ?? '*').join('.'));
    throw new StatementFault(`expected only the words "replacement" and "removed", found ${found}`, place);
  },
  A_Expr({ kind, name, rexpr }, { place }) {
    if (forms.has(String(kind))) return;
    if (!plainKinds.has(String(kind)))
      throw new StatementFault(`expected a comparison of two values, found another form`, place);
    const symbol = checkOperator(name, names, place);
    if ((symbol === '/' || symbol === '%') && !isNumberButZero(rexpr as Node))
      throw new StatementFault(`expected a number other than 0 after "${symbol}", found something else`, place);
  },
  FuncCall({ funcname, args }, { place }) {
    const name = checkFunction(funcname, names, place);
    const [, encoding] = (args ?? []) as Node[];
    if (['encode', 'decode', 'convert_to'].includes(name) && encoding !== undefined && kindOf(encoding) !== 'A_Const')
      throw new StatementFault(`expected a constant such as 'hex' or 'UTF8' in ${name}, found something else`, place);
  },
  TypeName: ({ names: type }, { place }) => checkType(type, names, place),
};

const names: Names = { functions: proofFunctions, operators: proofOperators, types: proofTypes };

const plainKinds = new Set(['AEXPR_OP', 'AEXPR_LIKE', 'AEXPR_ILIKE']);
/** Written as comparisons by {@link plainOperators}. */
const forms = new Set([
  ...['AEXPR_IN', 'AEXPR_BETWEEN', 'AEXPR_NOT_BETWEEN', 'AEXPR_DISTINCT', 'AEXPR_NOT_DISTINCT', 'AEXPR_NULLIF'],
]);

function isNumberButZero(node: Node): boolean {
  const { ival, fval } = (node['A_Const'] ?? {}) as { ival?: { ival?: number }; fval?: { fval?: string } };
  return Number(ival?.ival ?? fval?.fval ?? 0) !== 0;
}

/** What a number looks like as text, by the type to which a proof casts. */
const numbers: Readonly<Record<string, { type: string; looksLike: string }>> = {
  integer: { type: 'bigint', looksLike: '^\\s*[-+]?[0-9]{1,18}\\s*$' },
  bigint: { type: 'bigint', looksLike: '^\\s*[-+]?[0-9]{1,18}\\s*$' },
  numeric: { type: 'numeric', looksLike: '^\\s*[-+]?[0-9]{1,200}([.][0-9]{1,200})?\\s*$' },
};

/**
 * To text a cast is exact under the settings of our sessions, and never an error. To a number it is null where the value is
 * none: then nothing is proven, instead of the whole statement failing. There is none to `bytea`, which fails on
 * backslashes.
 */
function guardNumber(kind: string, fields: Fields): Node | undefined {
  if (kind !== 'TypeCast') return undefined;
  const number = numbers[usualName((fields['typeName'] as Fields)['names'])];
  if (number === undefined) return undefined;
  const { type, looksLike } = number;
  copies(fields['arg'], 2);
  const sql = `case when $1::text operator(pg_catalog.~) '${looksLike}' then $1::text::${type} end`;
  return mapTree(ownExpression(sql), (each) => (each === 'ParamRef' ? (fields['arg'] as Node) : undefined));
}
