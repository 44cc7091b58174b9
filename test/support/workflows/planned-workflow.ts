import type { RolloutOrder } from '../../../contract/run/inputs';
import { begin, load } from '../../../workflows/lifecycle';
import { Stop } from '../../../workflows/journal/stop';
import { announcePlanned } from '../../../workflows/steps/announce-planned';
import { untilGateMayOpen } from '../../../workflows/steps/gate-time';

/** What a rollout does with its `notBefore` up to the gate, and nothing else: says when the gate may open. */
export async function plannedOnly(order: RolloutOrder): Promise<string> {
  const journal = begin('rollout', order);
  const loaded = await load(journal, order);
  if (loaded instanceof Stop) return loaded.outcome;
  void announcePlanned(journal, loaded, order);
  try {
    await untilGateMayOpen(journal, loaded, order);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    journal.close(error);
    return error.outcome;
  }
  await journal.notifier.drained();
  await journal.events.drained();
  return new Date().toISOString();
}
