import type { Finding } from '../../contract/run/findings';
import type { EnvironmentName } from '../../contract/run/names';
import { readableDuration } from '../../contract/text/duration';
import { counted } from '../../contract/text/plain-text';
import { isKeptByRow, traitsOf, wordFor } from '../../contract/plan/removals';
import type { Loaded } from '../../contract/activities/loaded';
import type { RestoreOrder } from '../../contract/activities/effect-inputs';
import type { FillReceipt } from '../../contract/run/receipts';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { changeKindOf } from '../../contract/run/change';
import { environment } from '../journal/activities';
import { lossOf, rollingBackLine } from '../../report/run/announcements';
import { rolledBackBecause } from '../../report/run/endings';
import { commit } from '../decide/point-of-no-return';
import { lookUntilKnown } from '../journal/look-until-known';
import { handOver } from './distribute-keys';
import type { Journal } from '../journal/journal';
import { inMaintenance } from './maintenance';
import { Stop } from '../journal/stop';
import { stateQuery } from '../evidence/state-query';

/** What a rollback does, and on which finding that was decided. */
export interface Decided {
  found: RollbackCase;
  input: RestoreOrder;
}

/**
 * The effects of a rollback. Its first one is its border: until then it can be aborted, afterwards it goes on to its end,
 * since the old release must never serve a row that has a hash and no key.
 */
export async function takeBack(journal: Journal, loaded: Loaded, { found, input }: Decided): Promise<void> {
  const { plan, target } = loaded;
  const at = environment('production');

  const line = rollingBackLine(plan.name, changeKindOf(plan), found);
  if (found.loss.rows > 0) journal.notifier.announce(line);
  journal.events.tell('rollback.begun', line, { loss: lossOf(changeKindOf(plan), found) });
  const word = wordFor(plan);
  const build = (): Promise<string[]> =>
    journal.step({ name: 'restore', of: 'production' }, () => at.restoreRemoved(input), {
      note: (did) => did.join('; '),
    });
  let isDone = false;
  const first = async (): Promise<void> => {
    await build();
    isDone = true;
  };
  await commit(journal, first, () => isBack(journal, loaded));
  if (!isDone) await build(); // cut short by an abort that came too late: it looks what is there, and uses its decision
  await journal.step({ name: 'refill', of: 'production' }, () => at.refillRemoved(input), {
    note: (did) =>
      traitsOf(plan).hasValues ? filled(did, isKeptByRow(plan)) : 'nothing to fill: no value was removed',
  });
  await journal.step({ name: 'finishRestore', of: 'production' }, () => at.finishRestore(input), {
    judge: (findings) => findings,
    note: () => `${word} as captured, revision back`,
  });
  await journal.step(
    { name: 'oldRelease', of: 'production' },
    () => oldRelease(journal, loaded, { of: 'production', input }),
    {
      judge: (findings) => findings,
      note: () => `${plan.release.from} serves, caches flushed before and after`,
    },
  );
  journal.facts.environments.production.release = plan.release.from;
  await journal.step({ name: 'endWriteGuard', of: 'production' }, () => endWriteGuard(loaded, 'production', input), {
    judge: ({ findings }) => findings,
    note: ({ placeholders }) =>
      isKeptByRow(plan)
        ? 'no write guard is left'
        : `no row is open to everyone, ${placeholders} with an unusable placeholder`,
  });
  journal.enter('done');
  if (input.newKeys !== undefined) await handOver(journal, loaded, input.newKeys);
  journal.close(
    new Stop('rolled-back', rolledBackBecause({ plan: plan.name, target, change: changeKindOf(plan), found })),
  );
}

/** Whether an abort came too late: looks until it is known. */
async function isBack(journal: Journal, loaded: Loaded): Promise<boolean> {
  const at = environment('production');
  const { data, writeGuard } = await lookUntilKnown(
    () => at.observeState(stateQuery(loaded, journal.facts.run)),
    'is it back?',
  );
  return data !== 'dropped' || writeGuard === true;
}

/** Rows written meanwhile by the new release get their key or a placeholder before the old one serves them. */
export function oldRelease(
  journal: Journal,
  loaded: Loaded,
  { of: name, input }: { of: EnvironmentName; input: RestoreOrder },
): Promise<Finding[]> {
  const { plan, planDigest, target } = loaded;
  const at = environment(name);
  const fillAndFlush = async (): Promise<unknown> => {
    // Where nothing replaces the values, rows have theirs by now, and those that were written since have none.
    if (plan.proof !== undefined) await at.refillRemoved({ ...input, inMaintenance: true });
    return at.flushCache(input);
  };
  const work = async (): Promise<Finding[]> => {
    await fillAndFlush();
    await at.deploy({ ...input, serves: 'from' });
    await fillAndFlush();
    return at.probe({ target, planDigest, serves: 'from' });
  };
  return inMaintenance(journal, loaded, { of: name, order: input, work, settle: fillAndFlush });
}

/** A straggler of the new release may have written since: its rows were closed, and get their key now. */
export async function endWriteGuard(
  { plan }: Loaded,
  name: EnvironmentName,
  input: RestoreOrder,
): Promise<WriteGuardEnded> {
  const at = environment(name);
  const last = plan.proof === undefined ? undefined : await at.refillRemoved({ ...input, inMaintenance: true });
  return { findings: await at.endWriteGuard(input), placeholders: last?.placeholders ?? 0 };
}

/** `placeholders`: rows that have an unusable one in the end, since nobody knows their value. */
export interface WriteGuardEnded {
  findings: Finding[];
  placeholders: number;
}

const filled = ({ filled: keys, placeholders, renewed, throttledMs }: FillReceipt, byRow: boolean): string =>
  `${byRow ? `${counted(keys, 'row')} as they were` : filledRows({ keys, placeholders, renewed })}${throttledMs === undefined ? '' : `; throttled for ${readableDuration(throttledMs)}`}`;

const filledRows = ({
  keys,
  placeholders,
  renewed,
}: {
  keys: number;
  placeholders: number;
  renewed: number | undefined;
}): string =>
  renewed === undefined
    ? `${counted(keys, 'row')} got their value back, ${placeholders} an unusable placeholder`
    : `${counted(renewed, 'owner')} got a new key, ${counted(keys, 'row')} written since theirs, ${placeholders} an unusable placeholder`;
