import type { Finding } from '../../contract/run/findings';
import { obstacles } from '../../contract/run/findings';
import { counted } from '../../contract/text/plain-text';
import { readableDuration } from '../../contract/text/duration';
import type { CopyRehearsal } from '../../contract/run/receipts';
import type { RehearsalPolicy } from '../environment/environment';

/**
 * What a rehearsal says in one finding. One that was walked on less than the whole copy is unknown, which stops; where the
 * policy lets it pass, it is told, never in silence.
 */
export function verdictOf(
  rehearsal: Omit<CopyRehearsal, 'passed'>,
  against: readonly Finding[],
  policy: RehearsalPolicy = 'required',
): Finding {
  const { lacks, notCovered, steps, rows, tables, extent, tookMs } = rehearsal;
  const check = 'rehearsal on the copy';
  const expected = 'change and rollback on a throw-away server, equal afterwards';
  const on =
    extent === 'all rows' ? `all ${counted(rows, 'row')} but Rubicon's own` : `a sample of ${counted(rows, 'row')}`;
  const walked = `${counted(steps.length, 'step')} on ${on} of ${counted(tables, 'table')} in ${readableDuration(tookMs)}`;
  const beside = notCovered.length === 0 ? '' : `; not covered: ${notCovered.join(', ')}`;
  if (obstacles(against).length > 0)
    return {
      check,
      status: 'failed',
      expected,
      found: `${walked}: not equal, or not to the end${beside}`,
      remedy: 'see the findings below it',
    };
  if (lacks.length === 0) return { check, status: 'passed', expected, found: `${walked}, equal${beside}` };
  return {
    ...{ check, expected, found: `${walked}, equal, but on a copy that lacks ${lacks.join(', ')}${beside}` },
    status: policy === 'required' ? 'unknown' : 'not covered',
    remedy:
      "give the worker's PostgreSQL what it lacks (for an extension: its package for that version, such as Debian's " +
      'postgresql-16-postgis-3 for postgis), or, to continue despite it, set policy.rehearseOnCopy to "where possible"',
  };
}
