import { CancellationScope } from '@temporalio/workflow';
import { parseRollbackOrder } from '../contract/run/inputs';
import type { RolloutResult } from '../contract/run/outcome';
import { Stop } from './journal/stop';
import { begin, end, endUnloaded } from './lifecycle';
import { decide } from './rollback/decide';
import { load } from './rollback/load';
import { takeBack } from './steps/take-back';

/**
 * Takes a rollout back, however it was ordered. Decides from what is, not from what a workflow remembers; states the
 * loss before anybody approves it. Order: columns, keys, revision, then the old release: it must never serve a row that
 * has a hash and no key, since it would show that row to everybody.
 */
export async function rollback(input: unknown): Promise<RolloutResult> {
  const order = parseRollbackOrder(input);
  const journal = begin('rollback', order);
  const ordered = await load(journal, order);
  if (ordered instanceof Stop) return endUnloaded(journal, ordered);
  const { loaded } = ordered;
  try {
    const decided = await decide(journal, ordered);
    await CancellationScope.nonCancellable(() => takeBack(journal, loaded, decided));
  } catch (error) {
    if (!(error instanceof Stop)) throw error; // our bug: touch nothing, wait for a fix
    journal.close(error);
  }
  return CancellationScope.nonCancellable(() => end(journal, loaded));
}
