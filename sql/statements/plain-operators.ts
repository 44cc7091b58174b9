import { StatementFault } from './statement-fault';
import { mapTree, node, partsOf, systemName, type Fields, type Node } from './tree';

/**
 * The same expression with every operator and function named whole: `operator(pg_catalog.=)`, `pg_catalog.lower(…)`. So it
 * means the same in every session, whatever its search path, and whatever somebody has made under these names.
 *
 * `in`, `between`, `nullif`, `case x when …` and `is distinct from` have no place for such a name: they are written as the
 * comparisons that they stand for. The operands are evaluated more than once then; all of a proof is immutable.
 */
export const plainOperators = (tree: Node): Node => mapTree(tree, plain);

function plain(kind: string, fields: Fields): Node | undefined {
  if (kind === 'FuncCall')
    return node(kind, { ...fields, funcname: systemName(partsOf(fields['funcname']).at(-1) ?? '') });
  if (kind === 'CaseExpr' && fields['arg'] !== undefined) return searchedCase(fields);
  return kind === 'A_Expr' ? plainExpression(fields) : undefined;
}

function plainExpression({ kind, name, lexpr, rexpr, location }: Fields): Node {
  const [left, right] = [lexpr as Node, rexpr as Node];
  const symbol = partsOf(name).at(-1) ?? '';
  switch (kind) {
    case 'AEXPR_IN': {
      const items = (right['List']?.['items'] ?? []) as Node[];
      copies(left, items.length);
      return joined(
        symbol === '=' ? 'OR_EXPR' : 'AND_EXPR',
        items.map((item) => operator(symbol, [left, item])),
      );
    }
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN': {
      const [low, high] = (right['List']?.['items'] ?? []) as [Node, Node];
      copies(left, 2);
      return kind === 'AEXPR_BETWEEN'
        ? joined('AND_EXPR', [operator('>=', [left, low]), operator('<=', [left, high])])
        : joined('OR_EXPR', [operator('<', [left, low]), operator('>', [left, high])]);
    }
    case 'AEXPR_NOT_DISTINCT':
      return same(left, right);
    case 'AEXPR_DISTINCT':
      return node('BoolExpr', { boolop: 'NOT_EXPR', args: [same(left, right)] });
    case 'AEXPR_NULLIF':
      copies(left, 2);
      return node('CaseExpr', { args: [when(operator('=', [left, right]), nothing)], defresult: left });
    default:
      return operator(symbol, [lexpr as Node | undefined, right], location);
  }
}

/** Never null: two nulls are the same, a null and a value are not. */
function same(left: Node, right: Node): Node {
  copies([left, right], 2);
  const bothNull = joined('AND_EXPR', [left, right].map(isNull));
  return node('CoalesceExpr', { args: [operator('=', [left, right]), bothNull] });
}

function searchedCase({ arg, args, ...fields }: Fields): Node {
  const whens = args as Node[];
  copies(arg, whens.length);
  return node('CaseExpr', {
    ...fields,
    args: whens.map(({ CaseWhen = {} }) =>
      when(operator('=', [arg as Node, CaseWhen['expr'] as Node]), CaseWhen['result'] as Node),
    ),
  });
}

/** Operands: left and right; an operator before its only one has no left one. */
const operator = (symbol: string, [lexpr, rexpr]: [Node | undefined, Node], location?: unknown): Node =>
  node('A_Expr', {
    kind: 'AEXPR_OP',
    name: systemName(symbol),
    ...(lexpr !== undefined && { lexpr }),
    rexpr,
    ...(location !== undefined && { location }),
  });

const joined = (boolop: 'AND_EXPR' | 'OR_EXPR', args: Node[]): Node =>
  args.length === 1 ? args[0]! : node('BoolExpr', { boolop, args });

const isNull = (arg: Node): Node => node('NullTest', { arg, nulltesttype: 'IS_NULL' });
const when = (expr: Node, result: Node): Node => node('CaseWhen', { expr, result });
const nothing = node('A_Const', { isnull: true });

/** Each of these forms inside another one multiplies. */
const mostText = 100_000;

/** @throws StatementFault where copies of an operand would make a huge statement of a short proof */
export function copies(operand: unknown, count: number): void {
  if (JSON.stringify(operand).length * count <= mostText) return;
  throw new StatementFault('expected a simpler proof, found too many comparisons within comparisons; write it shorter');
}
