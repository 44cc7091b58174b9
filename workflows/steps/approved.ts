import { ActivityFailure } from '@temporalio/common';
import { patched } from '@temporalio/workflow';
import type { Granted } from '../../contract/run/decisions';
import type { RolloutOrder } from '../../contract/run/inputs';
import { assess } from '../../contract/run/samples';
import { approvalGivesUpMs } from '../../contract/plan/change-time';
import type { Loaded } from '../../contract/activities/loaded';
import { reopenedLine } from '../../report/run/announcements';
import { planChangedBecause, soakChangedBecause, supersededBecause } from '../../report/run/endings';
import { codeVerdicts } from '../decide/code-verdicts';
import { rolloutEvidence } from '../decide/evidence';
import { gate } from '../decide/gate';
import { isSuperseded } from '../decide/votes';
import { control } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { AskAgain, AskingIsNoUse, failureLine, Stop } from '../journal/stop';
import { announceAhead } from './announce-ahead';
import { backup } from './change';
import { changeWindow } from './change-window';
import { untilGateMayOpen } from './gate-time';
import { lookAtProductionAgain } from './look-first';
import { look, soak, type Soaked } from './soak';

/** What the change of production begins with. */
export interface Approved {
  approved: { of: 'production'; granted: Granted };
  /** Proven; absent where the plan removes nothing that has values. */
  backupId?: string | undefined;
}

/** What an approval is about, as it was seen last. */
interface Stands {
  loaded: Loaded;
  soaked: Soaked;
}

interface Asking {
  order: RolloutOrder;
  /** Until when approval is requested again, ISO. Absent = once, as it was when this run began. */
  until: string | undefined;
}

/**
 * From the request for approval until production may be changed by it: announcement, backup and window lie in between. An approval that
 * expires before, whose policy or people change, or whose soak does not hold any more, is worth nothing: everything is looked at again,
 * and approval requested with new codes on that evidence. Staging does not soak again while it was healthy all the time.
 *
 * @throws Stop where the time for it is over, or it is rejected
 */
export async function approvedChange(journal: Journal, stands: Stands, order: RolloutOrder): Promise<Approved> {
  journal.enter('approval');
  await untilGateMayOpen(journal, stands.loaded, order);
  const givesUpMs = approvalGivesUpMs(stands.loaded.plan);
  const until = patched('approval-again') ? new Date(Date.now() + givesUpMs).toISOString() : undefined;
  for (let now = stands; ;) {
    try {
      return await untilChange(journal, now, { order, until });
    } catch (error) {
      const isOver = until === undefined || new Date().toISOString() >= until;
      if (!(error instanceof Stop) || error.outcome !== 'expired' || isOver || error instanceof AskingIsNoUse)
        throw error;
      journal.addToStory(reopenedLine(error.because));
      now = await lookAgain(journal, now, order);
    }
  }
}

async function untilChange(journal: Journal, { loaded, soaked }: Stands, { order, until }: Asking): Promise<Approved> {
  journal.enter('approval');
  const granted = await gate(journal, {
    ...{ name: 'production', purpose: 'approve', needs: loaded.needs },
    evidence: rolloutEvidence(journal.facts, loaded),
    ...{ plan: loaded.plan, planDigest: loaded.planDigest },
    ...(until !== undefined && { asksAgain: until }),
  });
  await announceAhead(journal, loaded, order);
  if (until !== undefined) await requireSamePolicy(journal, granted);

  journal.enter('production');
  const approved = { of: 'production', granted } as const;
  const backupId = await backup(journal, loaded, approved);
  await changeWindow(journal, loaded, granted);
  if (until !== undefined) {
    await requireSamePolicy(journal, granted);
    await requireHealthy(journal, loaded, soaked);
  }
  return { approved, backupId };
}

/** Effects refuse the codes of another policy: it is asked here, where approval can still be requested again. @throws AskAgain */
async function requireSamePolicy(journal: Journal, { gate: opened, votes }: Granted): Promise<void> {
  const codes = votes.map(({ code }) => code);
  const verdicts = await codeVerdicts(journal, opened, codes);
  if (verdicts.some(isSuperseded)) throw new AskAgain(supersededBecause(opened.name));
}

/** What was approved is a staging that was healthy; not knowing is not healthy. @throws AskAgain */
async function requireHealthy(journal: Journal, loaded: Loaded, { position }: Soaked): Promise<void> {
  const { verdict, because } = assess(await look(journal, loaded, position));
  if (verdict !== 'green') throw new AskAgain(soakChangedBecause(because));
}

/** Plan and settings as they are today, staging since it was seen last, and preflight of production. @throws Stop */
async function lookAgain(
  journal: Journal,
  { loaded: before, soaked: last }: Stands,
  order: RolloutOrder,
): Promise<Stands> {
  const loaded = await loadAgain(journal, before, order);
  const soaked = await soak(journal, loaded, last);
  await lookAtProductionAgain(journal, loaded);
  return { loaded, soaked };
}

async function loadAgain(journal: Journal, { planDigest }: Loaded, order: RolloutOrder): Promise<Loaded> {
  const { facts } = journal;
  try {
    const asked = { order, workflowId: facts.run.workflowId, runId: facts.runId };
    const loaded = await journal.patiently('load the plan', () => control.loadPlan(asked));
    if (loaded.planDigest !== planDigest)
      throw new Stop('stopped', planChangedBecause(`${loaded.planDigest.slice(0, 12)}`));
    journal.remember(loaded);
    return loaded;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    throw new Stop('stopped', planChangedBecause(failureLine(error)));
  }
}
