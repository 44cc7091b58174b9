import { failPoint } from '../../adapters/programs/fail-point';
import { withTransaction } from '../../adapters/postgres/transaction';
import { removalsOf } from '../../contract/plan/removals';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { qualifiedName } from '../../sql/identifier';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { recordRenewal, renewOwner, selectOpenOwners } from '../../sql/saved-values/new-keys';
import { batchOrder, batchLimits } from '../schema-change/batch-limits';
import { loadMap } from './new-keys-table';
import { pastRefusals } from '../rows/write-back';
import type { ThrottledSession } from '../schema-change/throttle';
import { acquireWithRetry } from '../schema-change/acquire-with-retry';

/**
 * Gives each owner the new key, in all tables at once: key and hash in one transaction, so that at every moment a row's
 * hash is the one of its key. Rows that are written under an old hash meanwhile are found by the next look; it ends when
 * a look finds none, or after some. Triggers run: a hash that others refer to is changed. Returns how many owners were
 * changed.
 */
export async function renewOwners(
  session: ThrottledSession,
  { newKeys, plan, planDigest, rollout }: RestoreInput,
): Promise<number> {
  const { client, throttle, signal } = session;
  await loadMap(session, { id: newKeys?.id ?? '', planDigest });
  const removals = replacedOf(removalsOf(plan));
  let renewed = 0;
  for (let look = 1; look <= looks; look += 1) {
    const { rows: open } = await client.query<{ hash: string }>(selectOpenOwners(removals));
    if (open.length === 0) break;
    for (const { hash } of open) {
      await acquireWithRetry(batchOrder('the new key of an owner', signal), () =>
        withTransaction(client, batchLimits, async () => {
          for (const removal of removals) {
            await pastRefusals(client, qualifiedName(removal), () => client.query(renewOwner(removal).sql, [hash]));
            await failPoint('new keys: inside a batch');
          }
          await client.query(recordRenewal, [hash, rollout.workflowId, rollout.firstRun]);
        }),
      );
      renewed += 1;
      await failPoint('new keys: between two batches');
      await throttle.untilCalm();
    }
  }
  return renewed;
}

/** Clients go on writing under an old hash until they have their new key. */
const looks = 3;
