import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { readableDuration, toMs } from '../../contract/text/duration';
import { finding, obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { EnvironmentName } from '../../contract/run/names';
import type { EffectOrder } from '../../contract/activities/effect-inputs';
import type { Loaded } from '../../contract/activities/loaded';
import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { isMigrated } from '../evidence/not-migrated';
import { failureLine } from '../journal/stop';
import { stateQuery } from '../evidence/state-query';

/** What is done while nobody uses the application. */
interface InMaintenance {
  of: EnvironmentName;
  /** By what it is allowed. */
  order: EffectOrder;
  work: () => Promise<Finding[]>;
  /** What should be done before people come back, when the work did not end: as long as maintenance may last. */
  settle?: () => Promise<unknown>;
}

/**
 * Runs a change of release in maintenance and never leaves it on: what does not succeed is put back first, then
 * maintenance is lifted, and only then is anybody asked. Should this workflow die, the lease lifts it at its deadline.
 */
export async function inMaintenance(
  journal: Journal,
  loaded: Loaded,
  { of: name, order, work, settle = async () => undefined }: InMaintenance,
): Promise<Finding[]> {
  if (!loaded.covered[name].maintenance) return work();
  const { run } = journal.facts;
  const at = environment(name);
  const deadlineMs = toMs(loaded.plan.durations.maintenance);
  const lifting = Date.now() + deadlineMs; // by the lease, whatever goes on here
  const workMs = deadlineMs * shareOfWork;
  let failed: Error | undefined;
  let findings: Finding[] = [];
  const goesBack = journal.facts.kind === 'rollout' && (await oldReleaseServes(journal, loaded, name));
  try {
    await at.setMaintenance({ ...order, on: true, deadlineMs });
    findings = await CancellationScope.withTimeout(workMs, work);
  } catch (error) {
    if (!(error instanceof Error) || (!isCancellation(error) && !(error instanceof ActivityFailure))) throw error;
    const isLate = isCancellation(error) && !CancellationScope.current().consideredCancelled;
    failed = isLate ? tooLong(name, workMs) : error;
  }
  const lifted = await CancellationScope.nonCancellable(async () => {
    const bad = failed !== undefined || obstacles(findings).length > 0;
    if (bad && goesBack && !isMigrated(findings)) await oldReleaseAgain(journal, loaded, { of: name, order, lifting });
    if (failed !== undefined)
      await CancellationScope.withTimeout(Math.max(1, lifting - Date.now()), settle).catch(noting(journal, name));
    return lift(journal, name, () => at.setMaintenance({ run, on: false, deadlineMs }));
  });
  if (failed !== undefined) throw failed;
  return [...findings, ...lifted];
}

/**
 * Asked before maintenance goes on: only then is going back exact. Rows that were written under a new release which had
 * served before, in an earlier rollout or by somebody's hand, would be open to everybody under the old one.
 */
async function oldReleaseServes(journal: Journal, loaded: Loaded, name: EnvironmentName): Promise<boolean> {
  const { release } = await environment(name).observeState(stateQuery(loaded, journal.facts.run));
  return release === loaded.plan.release.from;
}

/**
 * Exact while maintenance is on: nobody but our probes has written under the new release. So it has to be done before the
 * lease lifts it; what is not stays with the new release.
 */
async function oldReleaseAgain(
  journal: Journal,
  { plan, covered }: Loaded,
  { of: name, order, lifting }: Pick<InMaintenance, 'of' | 'order'> & { lifting: number },
): Promise<void> {
  const at = environment(name);
  const { warnings } = journal.facts;
  const back = async (): Promise<unknown> => {
    if (covered[name].deploy) await at.deploy({ ...order, serves: 'from', whateverServes: true });
    return at.flushCache(order);
  };
  try {
    await CancellationScope.withTimeout(Math.max(1, lifting - Date.now()), back);
  } catch (error) {
    if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
    const found = isCancellation(error) ? 'maintenance would have ended before' : failureLine(error);
    warnings.push(`${name}: going back to ${plan.release.from} did not succeed: ${found}`);
  }
}

const noting =
  ({ facts }: Journal, name: EnvironmentName) =>
  (error: unknown): void => {
    if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
    const found = isCancellation(error) ? 'maintenance would have ended before' : failureLine(error);
    facts.warnings.push(`${name}: not settled before maintenance was lifted: ${found}`);
  };

/** The rest is for going back. */
const shareOfWork = 0.7;

const tooLong = (name: EnvironmentName, limitMs: number): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `expected the change of release in ${name} within ${readableDuration(limitMs)} of maintenance, found that it takes longer; ` +
      'it was stopped; deploy faster, or give the plan a longer "maintenance", then answer "retry"',
    'MaintenanceTooLong',
  );

/** Tried a few times; after that the lease does it, and people are asked to look. */
async function lift(journal: Journal, name: EnvironmentName, off: () => Promise<void>): Promise<Finding[]> {
  const facts = journal.facts.environments[name];
  for (let tries = 1; ; tries += 1) {
    try {
      await off();
      delete facts.maintenance;
      return [];
    } catch (error) {
      if (tries < 3) {
        await sleep('2 s', { summary: `maintenance of ${name} could not be lifted; tries again` });
        continue;
      }
      facts.maintenance = 'may be on';
      const found = failureLine(error);
      journal.facts.warnings.push(`${name}: MAINTENANCE MAY BE ON; its lease lifts it: ${found}`);
      const remedy = 'lift it by hand; else its lease does at its deadline';
      return [finding('maintenance', false, { expected: `off in ${name}`, found, remedy })];
    }
  }
}
