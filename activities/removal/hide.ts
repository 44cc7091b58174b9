import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withTransaction } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import { isOfThings, wordFor } from '../../contract/plan/removals';
import { permanent } from '../../contract/run/failures';
import { possibleTables } from '../../sql/lock';
import type { OutOfUseInput } from '../../contract/run/effect-inputs';
import type { HideReceipt } from '../../contract/run/receipts';
import { hideStatements } from '../../sql/hide';
import { putBackStatements } from '../../sql/put-back';
import { pasteable } from '../../sql/statement';
import { requireCopy } from '../backup/copy-folder';
import type { Environment } from '../environment/environment';
import { inDdlSession } from '../schema-change/fence';
import { withHeartbeat } from '../environment/heartbeat';
import { lockAllTables } from '../schema-change/lock-tables';
import { dataState } from '../state/look-at-world';
import { hideRows, writableOf } from '../rows/move-rows';
import { namingBlockers } from '../schema-change/name-blockers';
import { readFreeze } from '../state/read-freeze';
import { allowReversibly, requireApprovedPlan, type RolloutDeps } from '../approval/rollout-decisions';
import { runDdl } from '../schema-change/run-ddl';
import { hideThings } from './things';
import { throttleOf } from '../schema-change/throttle';
import { ddlLimits, winLock } from '../schema-change/win-lock';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Renames columns or tables, or moves rows away, so that whoever still needs them notices while they can be had back.
 * Guards against a drop that somebody misses afterwards. Only with the freeze on, and with its copy whole.
 *
 * Safe to run again: what is hidden already, under the same freeze, stays so. The tables are locked before
 * anything is looked at, so an attempt that was believed dead can't hide what was put back meanwhile.
 *
 * @throws `WrongWorld` without the freeze, `BackupNotProven` for its copy, `NotDecided`, `LockNotWon`
 */
export function createHide(deps: RolloutDeps): PerformOfPlan<'hide'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      requireApprovedPlan(order);
      const { run, plan, planDigest } = order;
      if (isOfThings(plan)) return hideThings(deps, environment, order, signal);
      const { receipt } = await requireCopy(environment, order.copy ?? 'none', planDigest, signal);
      const givesUpAfterMs = toMs(plan.durations.dropGivesUp);
      return winLock({ what: `hiding the ${wordFor(plan)}`, givesUpAfterMs, signal }, (attempt) =>
        inDdlSession(environment, { step: 'hide', workflowId: run.workflowId, plan, attempt }, async (client) => {
          const hidden = await commitHide(client, deps, environment, { ...order, freeze: receipt.freeze });
          const throttle = throttleOf(environment, client, signal);
          await hideRows(client, plan, receipt.freeze, { throttle, signal });
          return { ...hidden, attempts: attempt };
        }),
      );
    });
}

async function commitHide(
  client: PostgresClient,
  deps: RolloutDeps,
  environment: Environment,
  order: OutOfUseInput & { freeze: string },
): Promise<Omit<HideReceipt, 'attempts'>> {
  const { plan, freeze } = order;
  let heldSince = 0;
  await namingBlockers(client, possibleTables(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await allowReversibly(client, deps, environment, order);
      // Rows are moved behind the freeze; nobody has to wait for the table that they are moved to.
      if (wordFor(plan) !== 'rows') await lockAllTables(client, plan, 'access exclusive');
      heldSince = performance.now();
      await requireFreeze(client, order, freeze);
      const data = await dataState(client, plan, environment);
      if (data === 'hidden') return;
      if (data === 'partly' && wordFor(plan) === 'rows') return; // an earlier attempt has moved some
      if (data !== 'present')
        throw permanent('WrongWorld', `expected the ${wordFor(plan)} to be there, found them ${data}`);
      await runDdl(client, 'hide', hideStatements(plan));
    }),
  );
  const undo = pasteable(putBackStatements(plan, await writableOf(client, plan)));
  return { hiddenAt: new Date().toISOString(), heldMs: Math.round(performance.now() - heldSince), undo };
}

/** @throws `WrongWorld` unless exactly this freeze is on: otherwise its copy may lack something */
export async function requireFreeze(
  client: PostgresClient,
  { plan }: Pick<OutOfUseInput, 'plan'>,
  id: string,
): Promise<void> {
  const freeze = await readFreeze(client, plan);
  if (freeze.state === 'whole' && freeze.id === id) return;
  const found =
    freeze.state === 'whole' ? `the one of "${freeze.id}"` : freeze.state === 'none' ? 'none' : 'a damaged one';
  throw permanent(
    'WrongWorld',
    `expected the freeze of "${id}", after which the final copy was taken, found ${found}; nothing was changed; answer "retry": it is frozen and copied anew`,
  );
}
