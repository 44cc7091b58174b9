import type { CompleteCopy } from '../../adapters/database-copy/complete-copy';
import type { ClusterFacts } from '../../adapters/database-copy/cluster-facts';
import type { Scratch } from '../../adapters/scratch/scratch-postgres';
import { obstacles, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import { withValues } from '../../contract/plan/removals';
import type { CopyRehearsal } from '../../contract/run/receipts';
import type { Session } from '../environment/session';
import { environmentOfCopy } from './copy-environment';
import { forgetPlaceholders, giveRowsTheirValue } from './rows-without-value';
import { addedRows, compareStates, readCopyState } from './state-of-copy';
import { verdictOf } from './verdict';
import { walkThereAndBack } from './walk';

/** A copy that is ready to be walked on. */
export interface Walkable extends CompleteCopy {
  scratch: Scratch;
  facts: ClusterFacts;
  extent: CopyRehearsal['extent'];
  /** What no copy of this one can show, besides what is the same for all. */
  notCovered: string[];
}

/** What came of it: the first finding is the verdict. */
export interface Rehearsed {
  rehearsal: CopyRehearsal;
  findings: Finding[];
}

/** Walks there and back on a copy, and compares all of it with what was there before. */
export async function rehearse(
  { environment, signal }: Omit<Session, 'client'>,
  plan: Plan,
  copy: Walkable,
): Promise<Rehearsed> {
  const startedAt = performance.now();
  const { scratch, asSuperuser, facts, extent, lacks } = copy;
  const withoutValue = await giveRowsTheirValue(copy.asWorker, plan, signal);
  const before = await readCopyState(scratch.tools.folder, asSuperuser, signal);
  const { steps, findings } = await walkThereAndBack(
    { environment: environmentOfCopy(environment, copy, plan.release.to), signal },
    plan,
    withoutValue,
  );
  const isAtEnd = obstacles(findings).length === 0;
  if (isAtEnd) await forgetPlaceholders(copy.asWorker, plan, signal);
  const after = isAtEnd ? await readCopyState(scratch.tools.folder, asSuperuser, signal) : before;
  const added = isAtEnd ? await addedRows(asSuperuser, { before, after }, withValues(plan)) : new Map<string, number>();
  const all = [...findings, ...compareStates(before, after, added)];
  const withRows = before.rows.filter(({ rowCount }) => rowCount > 0);
  const seen = {
    ...{ extent, lacks, steps },
    notCovered: [...copy.notCovered, ...copy.leftOut, ...never(plan, facts)],
    rows: withRows.reduce((sum, { rowCount }) => sum + rowCount, 0),
    tables: withRows.length,
    tookMs: Math.round(performance.now() - startedAt),
    endedAt: new Date().toISOString(),
  };
  const verdict = verdictOf(seen, all, environment.rehearseOnCopy);
  return { rehearsal: { ...seen, passed: verdict.status === 'passed' }, findings: [verdict, ...all] };
}

const never = ({ byAction }: Plan, { worker }: ClusterFacts): string[] => [
  ...(byAction === undefined ? [] : ["the platform's own actions"]),
  ...(worker.superuser ? ["the rights of the worker's role, which is superuser"] : []),
];
