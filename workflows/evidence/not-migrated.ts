import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import { wordFor } from '../../contract/plan/removals';
import type { ObservedState } from '../../contract/run/observed-state';

const check = 'revision after the deployment';

/** An entry point that migrates by itself has dropped what nobody has approved. */
export function notMigrated(plan: Pick<Plan, 'revision' | 'release' | 'removes'>, observed: ObservedState): Finding[] {
  const { revision, release } = plan;
  if (revision === undefined) return [];
  const word = wordFor(plan);
  const found = `revision ${observed.revision ?? 'unknown'}, ${word} ${observed.data}`;
  const isAsBefore = observed.revision === revision.from && observed.data === 'present';
  return [
    finding(check, isAsBefore, {
      expected: `revision ${revision.from} and the ${word} present, as before`,
      found,
      remedy: `${release.to} migrates by itself when it starts: it keeps serving, since ${release.from} would find no ${word}. Take that out of its entry point, bring the schema back, then answer "retry"`,
    }),
  ];
}

/** By the new release itself: going back would put the old one on a schema without the columns. */
export const isMigrated = (findings: readonly Finding[]): boolean =>
  findings.some((each) => each.check === check && each.status === 'failed');
