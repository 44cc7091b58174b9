import { ActivityFailure } from '@temporalio/common';
import type { Finding } from '../../contract/run/findings';
import type { EnvironmentName } from '../../contract/run/names';
import { counted, droppedOf, readableSize } from '../../contract/text/plain-text';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import type { SamplePosition } from '../../contract/run/samples';
import type { Loaded } from '../../contract/activities/loaded';
import type { BackupReceipt, DropReceipt, FlushReceipt, ProofReceipt } from '../../contract/run/receipts';
import { environment } from '../journal/activities';
import { flushedNote } from '../evidence/flushed';
import { effectOrder, type Where } from './effect-order';
import type { Journal } from '../journal/journal';
import { inMaintenance } from './maintenance';
import { rehearsedNote } from '../../report/run/rehearsed-note';
import { notMigrated } from '../evidence/not-migrated';
import { stateQuery } from '../evidence/state-query';

/** Steps of the runbook that staging and production share. */

const itself = (findings: Finding[]): Finding[] => findings;

/** A dump, restored, compared, and walked there and back: what is not proven is no backup. A retry takes a new one. */
export async function backup(journal: Journal, loaded: Loaded, where: Where): Promise<string | undefined> {
  if (!traitsOf(loaded.plan).hasValues) return undefined; // nothing that a dump would hold
  const { of: name } = where;
  const at = environment(name);
  const { run } = journal.facts;
  const order = effectOrder(journal, loaded, where);
  const take = async (): Promise<{ taken: BackupReceipt; proof: ProofReceipt }> => {
    const taken = await at.backup(order);
    return { taken, proof: await at.proveBackup({ run, id: taken.id }) };
  };
  const { taken, proof } = await journal.step({ name: 'backup', of: name }, take, {
    judge: ({ proof }) => proof.findings ?? [],
    note: ({ taken: { rowCount, tables, sizeBytes }, proof: { rehearsal } }) =>
      `${counted(rowCount, 'row')} of ${tables} tables, ${readableSize(sizeBytes)}; restored and equal by fingerprint` +
      (rehearsal === undefined ? '' : `; change and rollback on it, ${rehearsedNote(rehearsal)}`),
  });
  Object.assign(journal.facts.environments[name], { backup: taken, proof });
  return taken.id;
}

/**
 * The release that tolerates both shapes. Flushed before, since cache entries of the old release can be open to
 * everybody under the new one, and after, since the old release refills until it is gone.
 */
export async function newRelease(journal: Journal, loaded: Loaded, where: Where): Promise<void> {
  const { plan, planDigest, target } = loaded;
  const { of: name } = where;
  const at = environment(name);
  const order = effectOrder(journal, loaded, where);
  const hasCache = plan.cache !== undefined && loaded.covered[name].redis;
  let flushed: FlushReceipt[] = [];
  await journal.step(
    { name: 'newRelease', of: name },
    () =>
      inMaintenance(journal, loaded, {
        of: name,
        order,
        work: async () => {
          const before = await at.flushCache(order);
          await at.deploy({ ...order, serves: 'to' });
          const migrated = notMigrated(plan, await at.observeState({ target, planDigest, run: journal.facts.run }));
          flushed = [before, await at.flushCache(order)];
          const stale = await at.proveNothingStale({ target, planDigest });
          return [...migrated, ...stale, ...(await at.probe({ target, planDigest, serves: 'to' }))];
        },
      }),
    { judge: itself, note: () => `${plan.release.to} serves, ${flushedNote(hasCache ? flushed : [])}` },
  );
  journal.facts.environments[name].release = plan.release.to;
}

/** What a drop stands on. It is a hint: the drop looks at all of it again. */
export interface Ready extends Where {
  /** Proven; absent where the plan removes nothing that has values. So is `copyId`. */
  backupId?: string | undefined;
  copyId?: string | undefined;
  /** Where the evidence of the trial ends, and that of the monitor begins. */
  seenTo: SamplePosition;
}

/** DDL, revision and state row in one transaction, without maintenance: whoever names the columns was refused in the trial. */
export async function drop(
  journal: Journal,
  loaded: Loaded,
  { backupId, copyId, ...where }: Omit<Ready, 'seenTo'>,
): Promise<void> {
  const { plan, planDigest, target } = loaded;
  const { of: name } = where;
  const order = {
    ...effectOrder(journal, loaded, where),
    ...(backupId && { backup: backupId }),
    ...(copyId && { copy: copyId }),
  };
  const facts = journal.facts.environments[name];
  const work = async (): Promise<DropReceipt> => {
    try {
      return await environment(name).drop(order);
    } catch (error) {
      if (plan.byAction?.drop !== undefined && (await isDecided(journal, { plan, planDigest, target }, name)))
        facts.beingDropped = true;
      throw error;
    }
  };
  facts.drop = await journal.step({ name: 'drop', of: name }, work, {
    note: ({ attempts, heldMs, rows }) =>
      !traitsOf(plan).isInDatabase
        ? 'deleted'
        : `${rows === undefined ? 'dropped' : droppedOf(rows)}, lock held ${heldMs} ms, ${attempts} ${attempts === 1 ? 'try' : 'tries'}`,
  });
}

/** Where the platform drops: whether the state row says so already, as far as anybody knows. */
async function isDecided(
  journal: Journal,
  loaded: Pick<Loaded, 'plan' | 'planDigest' | 'target'>,
  name: EnvironmentName,
): Promise<boolean> {
  try {
    return (await environment(name).observeState(stateQuery(loaded, journal.facts.run))).row === 'dropped';
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return false;
  }
}

/** The schema is as planned, and requests are answered as planned. */
export async function verify(
  journal: Journal,
  { plan, planDigest, target }: Loaded,
  name: EnvironmentName,
): Promise<void> {
  const at = environment(name);
  await journal.step(
    { name: 'verify', of: name },
    async () => {
      const [stale, shape] = await Promise.all([
        at.proveNothingStale({ target, planDigest }),
        at.verifyDropped({ target, planDigest }),
      ]);
      return [...shape, ...stale, ...(await at.probe({ target, planDigest, serves: 'to' }))];
    },
    {
      judge: itself,
      note: () => `${wordFor(plan)} gone${plan.revision === undefined ? '' : ', revision as planned'}, probes pass`,
    },
  );
}
