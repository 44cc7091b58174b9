import { counted } from '../../contract/text/plain-text';
import type { CopyRehearsal } from '../../contract/run/receipts';

/** How far a rehearsal on a copy reached, how it ended, and what it could not show: for a line of a step. Pure. */
export function rehearsedNote({ extent, passed, rows, lacks, notCovered }: CopyRehearsal): string {
  const on =
    extent === 'all rows' ? `all ${counted(rows, 'row')} except Rubicon's own` : `a sample of ${counted(rows, 'row')}`;
  const without = [...lacks, ...notCovered];
  const beside = without.length === 0 ? '' : ` (not covered: ${without.join(', ')})`;
  return `${on}: ${passed || lacks.length > 0 ? 'equal' : 'not equal'}${beside}`;
}
