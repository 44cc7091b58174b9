import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { counted } from '../../contract/text/plain-text';
import type { IndexUse } from '../../contract/run/world';

/** What was read, while their column was out of sight, from indexes that go with it. Pure. */
export const indexFindings = (before: readonly IndexUse[], after: readonly IndexUse[]): Finding[] =>
  before.map(({ index, table, others, scans }) => {
    const now = after.find((use) => use.index === index && use.table === table)?.scans ?? null;
    const used = scans === null || now === null || now < scans ? undefined : now - scans;
    return finding(`index ${index}`, used === undefined ? 'unknown' : used === 0, {
      expected: `no use of it for ${others.join(', ')} while the column is out of sight: it goes with the column`,
      found: used === undefined ? 'no count, or one that was reset meanwhile' : counted(used, 'scan'),
      remedy:
        used === undefined
          ? 'answer "retry": the trial is repeated'
          : `somebody's queries need it: "create index concurrently" one on ${others.join(', ')} alone, then answer "retry"`,
    });
  });
