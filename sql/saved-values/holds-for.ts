import type { ComparedRemoval } from '../../contract/plan/removal';
import { isReplaced, keyOf } from './kept-by';
import { proofOver, proofSql } from './proof';
import { valueOf } from './saved-value';

/**
 * Condition: the proof holds for a row's two columns. Where pairs of them are kept, as it is asked of these pairs: byte by
 * byte, whatever collation the columns have. Otherwise it may be of other types, such as numbers.
 */
export const holdsFor = (removal: ComparedRemoval, proof: string): string =>
  isReplaced(removal)
    ? proofOver(proof, { removed: `(${valueOf(removal)})`, replacement: `(${keyOf(removal)})` })
    : proofSql(proof, { removed: removal.column, replacement: removal.replacedBy });
