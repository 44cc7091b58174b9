import { readableDuration } from '../contract/duration';
import { obstacles } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { counted } from '../contract/plain-text';
import type { Loaded, RestoreInput } from '../contract/steps';
import type { RollbackCase } from '../contract/world';
import { environment } from './activities';
import type { Journal } from './journal';
import { closeEnvironment } from './put-data-back';
import { endGuard, oldRelease } from './take-back';

/** What came of it. */
interface Rehearsed {
  findings: Finding[];
  /** Why there was nothing to rehearse with. */
  notCovered?: string;
  rows: number;
  tookMs: number;
}

/**
 * Takes back, in staging, the change that it carries, until the old release serves: with the same effects as a rollback of
 * production, and without its gate. So the way back is known to work, and how long it takes, before anybody approves.
 * What does not succeed goes forward again first and is asked about then.
 *
 * @returns whether staging is as it was before the change; false: it still carries it, since there is no backup of it
 */
export async function thereAndBack(journal: Journal, loaded: Loaded): Promise<boolean> {
  const { notCovered } = await journal.step('staging: there and back', () => rehearse(journal, loaded), {
    undo: async () => void (await closeEnvironment(journal, loaded, 'staging')),
    judge: ({ findings }) => findings,
    note: rehearsedNote,
  });
  if (notCovered !== undefined) return false;
  const facts = journal.facts.environments.staging;
  for (const receipt of ['freeze', 'copy', 'hide', 'drop'] as const) delete facts[receipt];
  facts.release = loaded.plan.release.from;
  return true;
}

async function rehearse(journal: Journal, loaded: Loaded): Promise<Rehearsed> {
  const startedAt = Date.now();
  const { target, plan } = loaded;
  const { run, environments } = journal.facts;
  const ours = environments.staging.drop !== undefined;
  const look = { target, ...(ours ? { rollout: run.workflowId } : { plan }) };
  const found = await environment('staging').assessRollback(look);
  const { backup, restorable } = found;
  const nothing = { findings: [], rows: 0, tookMs: 0 };
  if (backup === undefined && !ours && found.world.row === 'dropped')
    return { ...nothing, notCovered: 'no proven backup of the change that staging carries' };
  const against = obstacles(found.findings);
  if (against.length > 0) return { ...nothing, findings: against };
  const findings = await back(journal, { ...loaded, plan: found.plan }, found);
  return { findings, rows: restorable.rows, tookMs: Date.now() - startedAt };
}

/** The effects of `takeBack`. */
async function back(journal: Journal, loaded: Loaded, found: RollbackCase): Promise<Finding[]> {
  const at = environment('staging');
  const { rollout, backup, copy } = found;
  const { workflowId, firstRun, planDigest } = rollout;
  const { run } = journal.facts;
  const of = { target: run.target, workflowId, firstRun };
  const input: RestoreInput = {
    ...{ run, rollout: of, plan: loaded.plan, planDigest, backup: backup?.id ?? '' },
    ...(copy && { copy: copy.id }),
  };
  await at.restoreColumns(input);
  await at.fillColumns(input);
  const shape = await at.finishRestore(input);
  if (obstacles(shape).length > 0) return shape;
  const served = await oldRelease(journal, loaded, 'staging', input);
  return obstacles(served).length > 0 ? served : [...served, ...(await endGuard(loaded, 'staging', input))];
}

const rehearsedNote = ({ notCovered, rows, tookMs }: Rehearsed): string =>
  notCovered === undefined
    ? `taken back in ${readableDuration(tookMs)}: ${counted(rows, 'row')} got their value, columns as captured, the old release served`
    : `not covered: ${notCovered}`;
