import { quoteIdentifier } from '../identifier';
import { textOf } from '../statements/grammar';
import { ownExpression, proofTree, withWords, wordOf, type ProofWord } from '../statements/proof-tree';
import { mapTree, partsOf, type Node } from '../statements/tree';

/** Which columns the words `replacement` and `removed` of a proof stand for; not quoted yet. */
export type ProofColumns = Readonly<Record<ProofWord, string>>;

/**
 * A plan's proof as a condition over two columns, in parentheses: parsed by the server's own grammar, looked through node
 * by node, and written anew, so that nothing of the text that was read is run. See `proofTree` for what it can hold; each
 * of the two words stands in it at least once.
 *
 * @throws StatementFault with the first thing that it may not hold
 */
export const proofSql = (proof: string, { replacement, removed }: ProofColumns): string =>
  proofOver(proof, { replacement: quoteIdentifier(replacement), removed: quoteIdentifier(removed) });

/** The same over two expressions: SQL of our own. */
export const proofOver = (proof: string, expressions: ProofColumns): string => written(proofTree(proof), expressions);

/**
 * How the replacement follows from the removed value, as an expression over `column`: the other side of a proof of the
 * form `replacement = …`. Undefined for a proof that only tells whether two values belong together.
 */
export const replacementFrom = (proof: string, column: string): string | undefined =>
  follows(proof, 'replacement', { removed: quoteIdentifier(column), replacement: 'null' });

/** How the removed value follows from its replacement: of a proof of the form `removed = …`. `replacement` is SQL. */
export const removedFrom = (proof: string, replacement: string): string | undefined =>
  follows(proof, 'removed', { removed: 'null', replacement });

function follows(proof: string, word: ProofWord, expressions: ProofColumns): string | undefined {
  const { A_Expr: equation } = proofTree(proof);
  if (equation === undefined || partsOf(equation['name']).at(-1) !== '=') return undefined;
  const [left, right] = [equation['lexpr'] as Node | undefined, equation['rexpr'] as Node | undefined];
  const other = wordOf(left) === word ? right : wordOf(right) === word ? left : undefined;
  return other === undefined || names(other, word) ? undefined : written(other, expressions);
}

function names(tree: Node, word: ProofWord): boolean {
  let found = wordOf(tree) === word;
  mapTree(tree, (kind, fields) => {
    found ||= wordOf({ [kind]: fields }) === word;
    return undefined;
  });
  return found;
}

/** Simple names need no parentheses, and `removed` of `removed` is one. */
function written(tree: Node, { replacement, removed }: ProofColumns): string {
  const words = { replacement: ownExpression(replacement), removed: ownExpression(removed) };
  const text = textOf({
    SelectStmt: {
      targetList: [{ ResTarget: { val: withWords(tree, words) } }],
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  });
  return `(${text.replace(/^SELECT /, '')})`;
}
