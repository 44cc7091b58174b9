import { ActivityFailure } from '@temporalio/common';
import { CancellationScope } from '@temporalio/workflow';
import { obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { kindOf, traitsOf } from '../../contract/plan/removals';
import type { Loaded } from '../../contract/activities/loaded';
import { changeReceipts } from '../../contract/run/rollout-steps';
import { isSameStep, stepLabel } from '../../contract/run/step-names';
import type { RollbackCase } from '../../contract/run/rollback-case';
import type { NotRehearsed, RollbackRehearsal } from '../../contract/run/rollback-rehearsal';
import { rollbackRehearsalNote } from '../../report/run/rollback-rehearsal';
import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { restoreOrder } from './restore-order';
import { effectOrder } from './effect-order';
import { closeEnvironment, rehearsalStep } from './undo-removal';
import { failureLine } from '../journal/stop';
import { endWriteGuard, oldRelease, type WriteGuardEnded } from './take-back';

/** What came of it. */
interface Rehearsed {
  findings: Finding[];
  came: RollbackRehearsal;
}

/**
 * Takes back, in staging, the change that it carries, until the old release serves: with the same effects as a rollback of
 * production, and without its gate. So the way back is known to work, and how long it takes, before anybody approves.
 * What does not succeed goes forward again first and is asked about then.
 *
 * @returns whether staging is as it was before the change; false: it still carries it, since there is no backup of it
 */
export async function thereAndBack(journal: Journal, loaded: Loaded): Promise<boolean> {
  const { run, environments } = journal.facts;
  const look = { rollout: environments.staging.drop === undefined ? undefined : run.workflowId, begun: false };
  const { came } = await journal.step(rehearsalStep, () => rehearse(journal, loaded, look), {
    undo: () => forwardAgain(journal, loaded),
    judge: ({ findings }) => findings,
    note: (rehearsed) => rollbackRehearsalNote(rehearsed.came, kindOf(loaded.plan)),
  });
  environments.staging.rolledBack = came;
  if ('notCovered' in came) return false;
  const facts = environments.staging;
  for (const receipt of changeReceipts) delete facts[receipt];
  facts.release = loaded.plan.release.from;
  return true;
}

/** Whatever became of it, staging has the change again; what went wrong, and what was done then, the ending tells. */
async function forwardAgain(journal: Journal, loaded: Loaded): Promise<void> {
  const wrong = journal.facts.steps.findLast(({ id }) => isSameStep(id, rehearsalStep))?.note ?? '';
  await newReleaseAgain(journal, loaded);
  const did = await closeEnvironment(journal, loaded, 'staging');
  const problem = `${stepLabel(rehearsalStep)} did not succeed: ${wrong}. Then: ${did.join('; ')}`;
  if (!journal.facts.warnings.includes(problem)) journal.facts.warnings.push(problem);
}

/** `of`: which rollout is taken back, as soon as it is known: a second try must mean the same one. `begun`: an effect was. */
async function rehearse(
  journal: Journal,
  loaded: Loaded,
  of: { rollout: string | undefined; begun: boolean },
): Promise<Rehearsed> {
  const startedAt = Date.now();
  const { target, plan, planDigest, covered } = loaded;
  const isCarried = of.rollout === undefined;
  const nothing = { findings: [], came: { rows: 0, placeholders: 0, tookMs: 0 } };
  const notCovered = (because: NotRehearsed, findings: Finding[] = []): Rehearsed => ({
    ...{ findings, came: { notCovered: because } },
  });
  if (plan.restore === 'none') return notCovered('restore: none');
  if (!covered.staging.deploy) return notCovered('no deploy action');
  // A worker that was lost has left the half of what a tool was building.
  if (of.begun && plan.byAction?.restore !== undefined) await closeEnvironment(journal, loaded, 'staging');
  const look = { target, planDigest, ...(of.rollout !== undefined && { rollout: of.rollout }) };
  const found = await environment('staging').assessRollback(look);
  const { backup, restorable, observed } = found;
  if (!isCarried && observed.row === 'rolled-back') return nothing; // an earlier try has come to its end
  const { hasValues } = traitsOf(plan);
  if (hasValues && backup === undefined && isCarried) return notCovered('no proven backup');
  of.rollout = found.rollout.workflowId;
  const against = obstacles(found.findings);
  if (against.length > 0) return { ...nothing, findings: against };
  // Of a backup alone it is not known what would come back as it was.
  if (hasValues && restorable.rows === 0 && (found.copy !== undefined || found.loss.rows === 0))
    return notCovered('no values', [nothingToBringBack]);
  of.begun = true;
  try {
    const { findings, placeholders } = await back(
      journal,
      { ...loaded, plan: found.plan ?? plan, planDigest: found.rollout.planDigest },
      found,
    );
    return { findings, came: { rows: restorable.rows, placeholders, tookMs: Date.now() - startedAt } };
  } catch (error) {
    await newReleaseAgain(journal, loaded); // before an end drops the columns that the old one reads
    throw error;
  }
}

/** The way back of nothing is no proof of one. */
const nothingToBringBack: Finding = {
  ...{ check: 'staging: values that come back', status: 'not covered', expected: 'some of those that go' },
  found: 'none: staging holds none, so the rollback was not tried',
  remedy: 'fill staging with rows such as production has, with values, then start again',
};

/** The old release must not serve where the columns are about to go again. What does not succeed is said. */
const newReleaseAgain = (journal: Journal, loaded: Loaded): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    const at = environment('staging');
    const { plan } = loaded;
    const order = effectOrder(journal, loaded, { of: 'staging' });
    try {
      await at.deploy({ ...order, serves: 'to', whateverServes: true });
      await at.flushCache(order);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      journal.facts.warnings.push(`staging: ${plan.release.to} could not be deployed again: ${failureLine(error)}`);
    }
  });

/** The effects of `takeBack`. */
async function back(journal: Journal, loaded: Loaded, found: RollbackCase): Promise<WriteGuardEnded> {
  const at = environment('staging');
  const input = restoreOrder(journal, loaded, found);
  await at.restoreRemoved(input);
  await at.refillRemoved(input);
  const shape = await at.finishRestore(input);
  if (obstacles(shape).length > 0) return { findings: shape, placeholders: 0 };
  const served = await oldRelease(journal, loaded, { of: 'staging', input });
  if (obstacles(served).length > 0) return { findings: served, placeholders: 0 };
  const ended = await endWriteGuard(loaded, 'staging', input);
  return { ...ended, findings: [...served, ...ended.findings] };
}
