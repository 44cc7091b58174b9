import type { HideReceipt } from '../../contract/run/receipts';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withTransaction } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { permanent } from '../../contract/run/failures';
import { possibleTables } from '../../sql/lock';
import { hideStatements } from '../../sql/hide';
import { putBackStatements } from '../../sql/put-back';
import { pasteable } from '../../sql/statement';
import { allowReversibly } from '../approval/rollout-decisions';
import { requireCopy } from '../backup/copy-folder';
import { writableOf } from '../rows/move-rows';
import { inDdlSession } from '../schema-change/fence';
import { lockAllTables } from '../schema-change/lock-tables';
import { namingBlockers } from '../schema-change/name-blockers';
import { runDdl } from '../schema-change/run-ddl';
import { throttleOf } from '../schema-change/throttle';
import { ddlLimits, winLock } from '../schema-change/win-lock';
import { dataState } from '../state/look-at-world';
import type { At, HideOrder, Moves } from './kinds/kind';
import { requireFreeze } from './require-freeze';

/** Out of sight by our own statements, and what is moved in batches afterwards. */
export async function hideByStatements(at: At, order: HideOrder, { moveOut }: Moves): Promise<HideReceipt> {
  const { environment, signal } = at;
  const { run, plan, planDigest } = order;
  const { receipt } = await requireCopy(environment, order.copy ?? 'none', planDigest, signal);
  const givesUpAfterMs = toMs(plan.durations.dropGivesUp);
  return winLock({ what: `hiding the ${wordFor(plan)}`, givesUpAfterMs, signal }, (attempt) =>
    inDdlSession(environment, { step: 'hide', workflowId: run.workflowId, plan, attempt }, async (client) => {
      const hidden = await commitHide(client, at, { ...order, freeze: receipt.freeze });
      await moveOut(client, plan, receipt.freeze, { throttle: throttleOf(environment, client, signal), signal });
      return { ...hidden, attempts: attempt };
    }),
  );
}

async function commitHide(
  client: PostgresClient,
  { deps, environment }: At,
  order: HideOrder & { freeze: string },
): Promise<Omit<HideReceipt, 'attempts'>> {
  const { plan, freeze } = order;
  const { hides } = traitsOf(plan);
  let heldSince = 0;
  await namingBlockers(client, possibleTables(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await allowReversibly(client, deps, environment, order);
      // Batches are moved behind the freeze; nobody has to wait for the table that they are moved to.
      if (hides !== 'in batches') await lockAllTables(client, plan, 'access exclusive');
      heldSince = performance.now();
      await requireFreeze(client, order, freeze);
      const data = await dataState(client, plan, environment);
      if (data === 'hidden') return;
      if (data === 'partly' && hides !== 'at once') return; // an earlier attempt has moved some, or was cut off before the second step
      if (data !== 'present')
        throw permanent('WrongWorld', `expected the ${wordFor(plan)} to be there, found them ${data}`);
      await runDdl(client, 'hide', hideStatements(plan));
    }),
  );
  const undo = pasteable(putBackStatements(plan, await writableOf(client, plan)));
  return { hiddenAt: new Date().toISOString(), heldMs: Math.round(performance.now() - heldSince), undo };
}
