import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { counted } from '../../contract/text/plain-text';
import type { IndexUse } from '../../contract/run/observed-state';

/** What was read, while it was hidden, from an index that is removed, or that goes with a column. Pure. */
export const indexFindings = (before: readonly IndexUse[], after: readonly IndexUse[]): Finding[] =>
  before.map(({ index, table, others, scans }) => {
    const now = after.find((use) => use.index === index && use.table === table)?.scans ?? null;
    const used = scans === null || now === null || now < scans ? undefined : now - scans;
    if (others.length === 0) return removedItself(index, used);
    return finding(`index ${index}`, used === undefined ? 'unknown' : used === 0, {
      expected: `no use of it for ${others.join(', ')} while the column is hidden: it is dropped with the column`,
      found: used === undefined ? 'no count, or one that was reset meanwhile' : counted(used, 'scan'),
      remedy:
        used === undefined
          ? 'answer "retry": the trial is repeated'
          : `someone's queries need it: "create index concurrently" one on ${others.join(', ')} alone, then answer "retry"`,
    });
  });

/** The server goes on using a hidden index, so nobody is refused: whoever knows the statements answers for what was counted. */
const removedItself = (index: string, used: number | undefined): Finding =>
  finding(`use of index ${index} while it is hidden`, used === undefined ? 'unknown' : used === 0 || 'possible', {
    expected: 'no scan of it',
    found: used === undefined ? 'no count, or one that was reset meanwhile' : counted(used, 'scan'),
    remedy:
      used === undefined
        ? 'answer "retry": the trial is repeated'
        : 'someone\'s statements read it: find them (pg_stat_statements, auto_explain) and look how they run without it; accept it with the reason, or answer "abort": it has its name again at once',
  });
