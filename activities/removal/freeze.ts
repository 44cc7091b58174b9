import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { removalsOf, wordFor } from '../../contract/plan/removals';
import { permanent } from '../../contract/run/failures';
import { possibleRelations } from '../../sql/lock';
import type { OutOfUseInput } from '../../contract/activities/effect-inputs';
import type { FreezeReceipt } from '../../contract/run/receipts';
import { freezeStatements, unfreezeStatements } from '../../sql/freeze';
import { pasteable } from '../../sql/statement';
import { servingRelease } from '../actions/serving';
import { inDdlSession } from '../schema-change/exclusive-session';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { lockAllTables } from '../schema-change/lock-tables';
import { dataState } from '../state/observe-state';
import { namingBlockers } from '../schema-change/name-blockers';
import { freezeId, frozenAt, isFreezeOf, readFreeze } from '../state/read-freeze';
import { takePlaceholdersBack } from './take-placeholders-back';
import { allowReversibly, requireApprovedPlan, type RolloutDeps } from '../decisions/rollout-decisions';
import { runDdl } from '../schema-change/run-ddl';
import { equalitiesOf } from '../state/equalities';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Has the server refuse every write that sets or changes what will die. Guards against a key that is written after the
 * final copy, and would be in no copy. Readers are not touched; writers in flight are waited for, so what is read after
 * the commit is final.
 *
 * Safe to run again: a freeze of this run that is whole stays; one that somebody has damaged is made anew, with an id of
 * its own, which makes copies of the old one worthless.
 *
 * @throws `WrongState` for a freeze of another rollout, `NotDecided`, `LockNotAcquired`
 */
export function createFreeze(deps: RolloutDeps): PerformOfPlan<'freeze'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(order.run.target);
      requireApprovedPlan(order);
      const { run, plan } = order;
      return acquireWithRetry(ddlOrder(plan, { what: 'the freeze', signal }), (attempt) =>
        inDdlSession(environment, { step: 'freeze', workflowId: run.workflowId, plan, attempt }, async (client) => {
          const session = { client, environment, signal };
          const placeholders = await placeholdersBack(session, deps, order);
          const frozen = await commitFreeze(session, deps, order);
          return { ...frozen, attempts: attempt, ...(placeholders > 0 && { placeholders }) };
        }),
      );
    });
}

/** What an earlier way back has left goes first: the freeze would refuse it. Not while the old release reads the column. */
async function placeholdersBack(session: Session, deps: RolloutDeps, order: OutOfUseInput): Promise<number> {
  const { client, environment } = session;
  const { plan } = order;
  const isFree = (await readFreeze(client, plan)).state === 'none' && (await dataState(session, plan)) === 'present';
  if (!isFree || (await servingRelease(environment, plan.release)) !== plan.release.to) return 0;
  return takePlaceholdersBack(session, plan, () => allowReversibly(session, deps, order));
}

async function commitFreeze(
  session: Omit<Session, 'signal'>,
  deps: RolloutDeps,
  order: OutOfUseInput,
): Promise<Omit<FreezeReceipt, 'attempts'>> {
  const { client } = session;
  const { run, plan } = order;
  let heldSince = performance.now();
  const id = await namingBlockers(client, possibleRelations(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await allowReversibly(session, deps, order);
      const freeze = await readFreeze(client, plan);
      const data = await dataState(session, plan);
      if (freeze.state === 'whole' && !isFreezeOf(run, freeze.id)) throw frozenByAnother(freeze.id);
      if (freeze.state === 'whole' && (data === 'present' || data === 'hidden')) return freeze.id;
      if (data !== 'present') throw notThere(plan, data);
      await lockAllTables(client, plan, 'share row exclusive');
      heldSince = performance.now();
      const made = freezeId(run, new Date());
      if (freeze.state === 'inconsistent') await runStatements(client, unfreezeStatements(plan));
      await runDdl(client, 'freeze', freezeStatements(plan, made, await equalitiesOf(client, removalsOf(plan))));
      return made;
    }),
  );
  const undo = pasteable(unfreezeStatements(plan));
  return { id, frozenAt: frozenAt(id), heldMs: Math.round(performance.now() - heldSince), undo };
}

const frozenByAnother = (id: string): Error =>
  permanent(
    'WrongState',
    `expected no freeze of another rollout, found one of "${id}"; nothing was changed; undo that one with the workflow "rollback", then answer "retry"`,
  );

const notThere = (plan: OutOfUseInput['plan'], data: string): Error =>
  permanent(
    'WrongState',
    `expected the ${wordFor(plan)} to be there, found them ${data}; nothing was changed; find out who did it`,
  );
