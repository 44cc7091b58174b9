import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { ActivityFailure } from '@temporalio/common';
import { toMs } from '../contract/duration';
import { finding, obstacles } from '../contract/findings';
import type { Finding } from '../contract/findings';
import type { EnvironmentName } from '../contract/names';
import type { Loaded } from '../contract/steps';
import { environment } from './activities';
import type { Journal } from './journal';
import { failureLine } from './stop';

/**
 * Runs a change of release in maintenance and never leaves it on: what does not succeed is put back first, then
 * maintenance is lifted, and only then is anybody asked. Should this workflow die, the lease lifts it at its deadline.
 */
export async function inMaintenance(
  journal: Journal,
  loaded: Loaded,
  name: EnvironmentName,
  work: () => Promise<Finding[]>,
): Promise<Finding[]> {
  if (!loaded.covered[name].maintenance) return work();
  const { run } = journal.facts;
  const at = environment(name);
  const deadlineMs = toMs(loaded.plan.durations.maintenance);
  let failed: Error | undefined;
  let findings: Finding[] = [];
  const goesBack = journal.facts.kind === 'rollout' && (await oldReleaseServes(journal, loaded, name));
  try {
    await at.setMaintenance({ run, on: true, deadlineMs });
    findings = await work();
  } catch (error) {
    if (!(error instanceof Error) || (!isCancellation(error) && !(error instanceof ActivityFailure))) throw error;
    failed = error;
  }
  const lifted = await CancellationScope.nonCancellable(async () => {
    const bad = failed !== undefined || obstacles(findings).length > 0;
    if (bad && goesBack) await oldReleaseAgain(journal, loaded, name);
    return lift(journal, name, () => at.setMaintenance({ run, on: false, deadlineMs }));
  });
  if (failed !== undefined) throw failed;
  return [...findings, ...lifted];
}

/**
 * Asked before maintenance goes on: only then is going back exact. Rows that were written under a new release which had
 * served before, in an earlier rollout or by somebody's hand, would be open to everybody under the old one.
 */
async function oldReleaseServes(journal: Journal, { plan, target }: Loaded, name: EnvironmentName): Promise<boolean> {
  const { removes, revision, release } = plan;
  const look = { target, removes, ...(revision && { revision }), run: journal.facts.run };
  return (await environment(name).lookAtWorld(look)).release === release.from;
}

/** Exact while maintenance is on: nobody but our probes has written under the new release. */
async function oldReleaseAgain(
  journal: Journal,
  { plan, target, covered }: Loaded,
  name: EnvironmentName,
): Promise<void> {
  const at = environment(name);
  try {
    if (covered[name].deploy) await at.deploy({ run: journal.facts.run, release: plan.release.from });
    await at.flushCache({ target, ...plan });
  } catch (error) {
    journal.facts.troubles.push(`${name}: going back to ${plan.release.from} did not succeed: ${failureLine(error)}`);
  }
}

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
      journal.facts.troubles.push(`${name}: MAINTENANCE MAY BE ON; its lease lifts it: ${found}`);
      const remedy = 'lift it by hand; else its lease does at its deadline';
      return [finding('maintenance', false, { expected: `off in ${name}`, found, remedy })];
    }
  }
}
