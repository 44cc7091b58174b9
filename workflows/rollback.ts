import { ActivityFailure } from '@temporalio/common';
import { CancellationScope, sleep } from '@temporalio/workflow';
import { parseRollbackOrder } from '../contract/run/inputs';
import type { RollbackOrder } from '../contract/run/inputs';
import type { RolloutResult } from '../contract/run/outcome';
import type { Loaded } from '../contract/run/loaded';
import type { RestoreOrder } from '../contract/run/effect-inputs';
import type { RollbackCase } from '../contract/run/rollback-case';
import { counted } from '../contract/text/plain-text';
import { control, environment } from './journal/activities';
import { reversibly } from './decide/point-of-no-return';
import { asInvalidInput, begin, end, endUnloaded, remember } from './lifecycle';
import { rollbackEvidence } from './decide/evidence';
import { gate } from './decide/gate';
import type { Granted } from '../contract/run/decisions';
import { distributeKeys } from './steps/distribute-keys';
import type { Journal } from './journal/journal';
import { backOffMs, lookUntilKnown } from './journal/look-until-known';
import { failureLine, failureType, Stop } from './journal/stop';
import { takeBack } from './steps/take-back';
import { askToAbort, hold, yieldTo } from './steps/takeover';
import { lossChangedLine } from '../report/run/announcements';
import { askedToAbort, nothingToRollBack, rollbackNotLoaded, undoneBecause } from '../report/run/endings';
import { waitingForAbort } from '../report/run/waiting';
import { stateQuery } from './evidence/state-query';

/**
 * Takes a rollout back, however it was ordered. Decides from what is, not from what a workflow remembers; states the
 * loss before anybody approves it. Order: columns, keys, revision, then the old release: it must never serve a row that
 * has a hash and no key, since it would show that row to everybody.
 */
export async function rollback(input: unknown): Promise<RolloutResult> {
  const order = parseRollbackOrder(input);
  const journal = begin('rollback', order);
  const read = await loadOrder(journal, order);
  if (read instanceof Stop) return endUnloaded(journal, read);
  const { loaded, rollout } = read;
  try {
    const { found, input } = await decide(journal, loaded, order, rollout);
    await CancellationScope.nonCancellable(() => takeBack(journal, loaded, found, input));
  } catch (error) {
    if (!(error instanceof Stop)) throw error; // our bug: touch nothing, wait for a fix
    journal.close(error);
  }
  return CancellationScope.nonCancellable(() => end(journal, loaded));
}

/** The rollout's workflow, if Temporal still runs it. */
type OpenRollout = string | undefined;

async function loadOrder(
  journal: Journal,
  order: RollbackOrder,
): Promise<{ loaded: Loaded; rollout: OpenRollout } | Stop> {
  const { workflowId } = journal.facts.run;
  const { runId } = journal.facts;
  try {
    const { rollout, inFolders, ...rest } = await journal.patiently('find the rollout', () =>
      control.loadRollback({ order, workflowId, runId }),
    );
    journal.facts.run.target = rest.target;
    const { planDigest } = inFolders ?? {};
    const look = {
      target: rest.target,
      ...(order.rollout && { rollout: order.rollout }),
      ...(planDigest && { planDigest }),
    };
    const found = await journal.patiently('assess', () => environment('production').assessRollback(look));
    const plan = found.plan ?? inFolders?.plan;
    if (plan === undefined) throw new Error('a case without its plan');
    const loaded = { ...rest, plan, planDigest: found.rollout.planDigest };
    remember(journal, loaded);
    return { loaded, rollout: rollout?.open === true ? rollout.workflowId : undefined };
  } catch (error) {
    if (error instanceof Stop) return error;
    if (!(error instanceof ActivityFailure) || failureType(error) === 'InvalidInput') throw asInvalidInput(error);
    return new Stop('stopped', rollbackNotLoaded(failureLine(error)));
  }
}

interface Decided {
  found: RollbackCase;
  input: RestoreOrder;
}

/** Hold → look → gate → yield → look again; a changed world opens the gate again. */
async function decide(journal: Journal, loaded: Loaded, order: RollbackOrder, rollout: OpenRollout): Promise<Decided> {
  let decided: Decided | undefined;
  await reversibly(journal, async () => {
    if (loaded.plan.restore === 'none') await look(journal, loaded, order); // ends here, if it was dropped
    if (rollout !== undefined) await hold(journal, rollout);
    for (;;) {
      const found = await look(journal, loaded, order);
      if (found.observed.row !== 'dropped') {
        await nothingDropped(journal, loaded, found, rollout);
        continue; // dropped in this very moment
      }
      const granted = await ask(journal, loaded, found);
      if (rollout !== undefined) await yieldTo(journal, rollout);
      await takeTarget(journal);
      const now = await look(journal, loaded, order);
      if (sameLoss(found, now)) {
        const input = restoreInput(journal, loaded, now, granted);
        decided = { found: now, input };
        if (now.newKeys === true) input.newKeys = await distributeKeys(journal, loaded, input);
        return;
      }
      if (now.observed.row === 'dropped') journal.notifier.announce(lossChangedLine);
    }
  });
  if (decided === undefined) throw new Error('reversibly returned without its work');
  return decided;
}

async function look(journal: Journal, loaded: Loaded, order: RollbackOrder): Promise<RollbackCase> {
  const { target, planDigest, requesters } = loaded;
  const input = { target, planDigest, requesters, ...(order.rollout && { rollout: order.rollout }) };
  const found = await journal.step({ name: 'assessRollback' }, () => environment('production').assessRollback(input), {
    judge: ({ findings }) => findings,
    onObstacle: 'stop',
    note: ({ observed, loss }) =>
      `data ${observed.data}, state row ${observed.row}, loss: ${counted(loss.rows, 'row')}`,
  });
  journal.facts.rollback = found;
  journal.facts.environments.production.identity = found.identity;
  return found;
}

/**
 * Before the drop a rollback is an abort: nothing is lost, and nothing needs approval. What a rollout that has died left
 * hidden or frozen is put back here, after one person on call has said so.
 */
async function nothingDropped(
  journal: Journal,
  loaded: Loaded,
  found: RollbackCase,
  rollout: OpenRollout,
): Promise<void> {
  const { observed } = found;
  if (rollout === undefined && (observed.data === 'hidden' || observed.freeze !== undefined)) {
    await ask(journal, loaded, found);
    await takeTarget(journal);
    const { workflowId, firstRun } = found.rollout;
    const dead = { target: loaded.target, workflowId, firstRun };
    const undoRemoval = (): Promise<string[]> =>
      environment('production').undoRemoval({ run: dead, planDigest: loaded.planDigest, hidBegun: true });
    const did = await journal.step({ name: 'undoRemoval', of: 'production' }, undoRemoval, {
      note: (lines) => lines.join('; '),
    });
    throw new Stop('rolled-back', undoneBecause(did));
  }
  const isDone = observed.row === 'rolled-back'; // by another rollback, in the meantime
  if (rollout === undefined || isDone) throw new Stop('stopped', nothingToRollBack(observed));
  await askToAbort(journal, rollout);
  if (await wasDropped(journal, loaded, found)) return;
  throw new Stop('aborted', askedToAbort(observed, rollout));
}

/** Waits until the rollout that was asked to abort has closed its state row: a drop may have been faster. */
async function wasDropped(journal: Journal, loaded: Loaded, { rollout }: RollbackCase): Promise<boolean> {
  const look = stateQuery(loaded, { target: loaded.target, ...rollout });
  for (let tries = 1; ; tries += 1) {
    const { row } = await lookUntilKnown(() => environment('production').observeState(look), 'was it aborted?');
    if (row !== 'open') {
      journal.waitFor(undefined);
      return row === 'dropped';
    }
    journal.waitFor(waitingForAbort(rollout.workflowId));
    await journal.safePoint();
    await journal.rest(backOffMs(tries), 'the rollout was asked to abort: until its state row says so');
  }
}

const ask = (journal: Journal, { plan, planDigest, needs, onCall }: Loaded, found: RollbackCase): Promise<Granted> =>
  gate(journal, {
    name: 'rollback',
    ...(found.loss.rows > 0
      ? { purpose: 'accept-loss' as const, needs }
      : { purpose: 'approve' as const, needs: { [onCall]: 1 } }),
    evidence: rollbackEvidence(journal.facts, found, plan),
    plan,
    planDigest,
  });

function restoreInput(
  { facts: { run } }: Journal,
  { planDigest, target }: Loaded,
  { rollout: { workflowId, firstRun }, backup, copy }: RollbackCase,
  decision: Granted,
): RestoreOrder {
  return {
    ...{ run, rollout: { target, workflowId, firstRun }, planDigest, decision },
    ...(backup && { backup: backup.id }),
    ...(copy && { copy: copy.id }),
  };
}

/** More loss than was approved is not approved; less is. */
const sameLoss = (approved: RollbackCase, now: RollbackCase): boolean =>
  now.backup?.id === approved.backup?.id &&
  now.copy?.id === approved.copy?.id &&
  now.newKeys === approved.newKeys &&
  (approved.loss.rows > 0 || now.loss.rows === 0);

async function takeTarget(journal: Journal): Promise<void> {
  const { run } = journal.facts;
  await journal.step({ name: 'takeTarget' }, async () => {
    for (let tries = 1; ; tries += 1) {
      try {
        await control.acquireTarget({ run });
        return;
      } catch (error) {
        if (failureType(error) !== 'TargetBusy' || tries >= 30) throw error;
        await sleep('2 s', { summary: `the target is taken: ${failureLine(error)}`.slice(0, 190) });
      }
    }
  });
}
