import type { HideReceipt } from '../../contract/run/receipts';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withTransaction } from '../../adapters/postgres/transaction';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { permanent } from '../../contract/run/failures';
import { possibleRelations } from '../../sql/lock';
import { hideStatements } from '../../sql/hide';
import { undoStatements } from '../../sql/undo';
import { pasteable } from '../../sql/statement';
import { allowReversibly } from '../decisions/rollout-decisions';
import { writableOf } from '../rows/move-rows';
import { inDdlSession } from '../schema-change/exclusive-session';
import { lockForNames } from '../schema-change/lock-tables';
import { namingBlockers } from '../schema-change/name-blockers';
import { runDdl } from '../schema-change/run-ddl';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import { dataState } from '../state/observe-state';
import { noteHidden } from '../state/trial';
import type { At, Footing, HideFooting, HideOrder } from './kinds/kind';

/** Out of sight by our own statements, and what is moved in batches afterwards. */
export async function hideByStatements(at: At, order: HideOrder, { hide }: Footing): Promise<HideReceipt> {
  const { environment, signal } = at;
  const { run, plan } = order;
  const footing = await hide(at, order);
  return acquireWithRetry(ddlOrder(plan, { what: `hiding the ${wordFor(plan)}`, signal }), (attempt) =>
    inDdlSession(environment, { step: 'hide', workflowId: run.workflowId, plan, attempt }, async (client) => {
      const hidden = await commitHide(client, at, { order, footing });
      await footing.after(client);
      return { ...hidden, attempts: attempt };
    }),
  );
}

async function commitHide(
  client: PostgresClient,
  { deps, environment }: At,
  { order, footing }: { order: HideOrder; footing: HideFooting },
): Promise<Omit<HideReceipt, 'attempts'>> {
  const { run, plan } = order;
  const { hides } = traitsOf(plan);
  let heldSince = 0;
  await namingBlockers(client, possibleRelations(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await allowReversibly({ client, environment }, deps, order);
      // Batches are moved behind the freeze; nobody has to wait for the table that they are moved to.
      if (hides !== 'in batches') await lockForNames(client, plan);
      heldSince = performance.now();
      await footing.require(client);
      const data = await dataState({ client, environment }, plan);
      await noteHidden(client, run, data === 'hidden');
      if (data === 'hidden') return;
      if (data === 'inconsistent' && hides !== 'at once') return; // an earlier attempt has moved some, or was cut off before the second step
      if (data !== 'present')
        throw permanent('WrongState', `expected the ${wordFor(plan)} to be there, found them ${data}`);
      await runDdl(client, 'hide', hideStatements(plan));
    }),
  );
  const undo = pasteable(undoStatements(plan, await writableOf(client, plan)));
  return { hiddenAt: new Date().toISOString(), heldMs: Math.round(performance.now() - heldSince), undo };
}
