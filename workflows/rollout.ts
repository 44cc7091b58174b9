import { CancellationScope } from '@temporalio/workflow';
import { obstacles } from '../contract/run/findings';
import { nameOfRemoval } from '../contract/plan/removals';
import { parseRolloutOrder } from '../contract/run/inputs';
import type { RolloutOrder } from '../contract/run/inputs';
import type { RolloutResult } from '../contract/run/outcome';
import type { Loaded } from '../contract/activities/loaded';
import { droppedLine } from '../report/run/announcements';
import { preflightPassed, stagingCarriesIt } from '../report/run/endings';
import { environment } from './journal/activities';
import { announcePlanned } from './steps/announce-planned';
import { approvedChange } from './steps/approved';
import { captureBaseline } from './steps/baseline';
import { commit, reversibly } from './decide/point-of-no-return';
import { backup, drop, newRelease, verify, type Ready } from './steps/change';
import { begin, dropHappened, end, endUnloaded, load, takeTarget } from './lifecycle';
import type { Journal } from './journal/journal';
import { monitor } from './steps/monitor';
import { takeOutOfUse } from './steps/out-of-use';
import { lookFirst } from './steps/look-first';
import { thereAndBack } from './steps/rehearse';
import { soak } from './steps/soak';
import { startAftercare } from './steps/start-aftercare';
import { Stop } from './journal/stop';

/**
 * Carries one plan through staging and production, as docs/runbook.md tells it. Ends with an outcome; fails only on
 * invalid input. Where it may stop: each `step` and `safePoint`, and nowhere else.
 */
export async function rollout(input: unknown): Promise<RolloutResult> {
  const order = parseRolloutOrder(input);
  const journal = begin('rollout', order);
  const loaded = await load(journal, order);
  if (loaded instanceof Stop) return endUnloaded(journal, loaded);
  try {
    const ready = await upToTheDrop(journal, loaded, order);
    // ——— point of no return ———
    await CancellationScope.nonCancellable(() => fromTheDrop(journal, loaded, ready));
  } catch (error) {
    if (!(error instanceof Stop)) throw error; // our bug: touch nothing, wait for a fix
    journal.close(error);
  }
  return CancellationScope.nonCancellable(() => end(journal, loaded));
}

async function upToTheDrop(journal: Journal, loaded: Loaded, order: RolloutOrder): Promise<Ready> {
  let ready: Ready | undefined;
  await reversibly(journal, async () => {
    if (order.until !== 'preflight') await takeTarget(journal);
    const { carriesChange } = await lookFirst(journal, loaded, order);
    if (order.until === 'preflight') throw new Stop('preflight-only', preflightPassed);
    void announcePlanned(journal, loaded, order);
    await captureBaseline(journal, loaded);

    journal.enter('staging');
    if (!carriesChange) await changeStaging(journal, loaded);
    if (await thereAndBack(journal, loaded)) await changeStaging(journal, loaded);
    await verify(journal, loaded, 'staging');
    await loadTest(journal, loaded);
    const soaked = await soak(journal, loaded);
    if (order.until === 'staging') throw new Stop('staging-only', stagingCarriesIt);

    const { approved, backupId } = await approvedChange(journal, { loaded, soaked }, order);
    await newRelease(journal, loaded, approved);
    const out = await takeOutOfUse(journal, loaded, approved);
    ready = { ...approved, backupId, ...out }; // the last exit is the end of `reversibly`
  });
  if (ready === undefined) throw new Error('reversibly returned without its work');
  return ready;
}

async function changeStaging(journal: Journal, loaded: Loaded): Promise<void> {
  const staging = { of: 'staging' } as const;
  const backupId = await backup(journal, loaded, staging);
  await newRelease(journal, loaded, staging);
  const { copyId } = await takeOutOfUse(journal, loaded, staging);
  await drop(journal, loaded, { ...staging, backupId, copyId });
}

async function loadTest(journal: Journal, { plan, planDigest, target }: Loaded): Promise<void> {
  if (plan.loadTest === undefined) return;
  await journal.step(
    { name: 'loadTest', of: 'staging' },
    () => environment('staging').loadTest({ target, planDigest }),
    {
      judge: (findings) => findings,
      acceptable: true,
      note: (findings) => (obstacles(findings).length === 0 ? (findings[0]?.found ?? 'passed') : 'accepted'),
    },
  );
}

async function fromTheDrop(journal: Journal, loaded: Loaded, ready: Ready): Promise<void> {
  await commit(
    journal,
    () => drop(journal, loaded, ready),
    () => dropHappened(journal, loaded),
  );
  // Cut short by an abort that came too late: it looks what is done, and does the rest.
  if (journal.facts.environments.production.drop === undefined) await drop(journal, loaded, ready);
  journal.tell('change.dropped', droppedLine(loaded.plan.removes.map(nameOfRemoval), loaded.target), {});
  await verify(journal, loaded, 'production');
  await monitor(journal, loaded, ready.seenTo);
  journal.enter('done');
  await startAftercare(journal, loaded);
}
