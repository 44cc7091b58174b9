import type { PerformOfPlan } from '../statements/of-known-plan';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { permanent } from '../../contract/run/failures';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { guardStatements } from '../../sql/write-guard';
import { possibleRelations } from '../../sql/lock';
import { isDerivable } from '../../sql/saved-values/fill-proven';
import { requireDecidedCopy } from '../backup/copy-values';
import { withDatabase, withSession } from '../environment/database';
import { requireDroppedRecord } from '../catalogue/dropped-record';
import type { DroppedRecord } from '../catalogue/dropped-record';
import type { Session } from '../environment/session';
import { forecastRollback } from './forecast-rollback';
import { restoreByAction } from './restore-by-action';
import { isUsed, requireAcceptedLoss, requireRestorable } from './restore-decision';
import { endLeftDdl } from '../schema-change/exclusive-session';
import { withHeartbeat } from '../environment/heartbeat';
import { lockAllTables } from '../schema-change/lock-tables';
import { dataState } from '../state/observe-state';
import { namingBlockers } from '../schema-change/name-blockers';
import { requireRightServer } from '../state/point-of-no-return';
import { requireProven } from '../backup/proven-backup';
import { rollbackVerbsOf } from './kinds/kinds';
import { isGuarded } from '../state/read-write-guard';
import { requireNoOtherSource } from '../new-keys/other-recovery-source';
import { allowRollback, requireAllowed, requireDropped, requireOwnDigest } from '../decisions/rollback-decisions';
import type { RestoreDeps } from '../decisions/rollback-decisions';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';

/**
 * Builds the dropped columns or tables by their captured definitions, empty, and guards them: one transaction with the check of the decisions, so
 * that a decision is used exactly once. Guards against a rollback that nobody has decided, one that loses more than was
 * decided, of another rollout, and with another definition (the migration tool's own downgrade builds the wrong type).
 *
 * Safe to run again: columns that are there, and a challenge that is used, mean that it is done.
 */
export function createRestoreRemoved(deps: RestoreDeps): PerformOfPlan<'restoreRemoved'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const { dropped, loss } = await withSession({ environment, signal }, 'forecast', (session) =>
        recheck(session, input),
      );
      return acquireWithRetry(
        ddlOrder(input.plan, { what: `the restoration of the ${wordFor(input.plan)}`, signal }),
        () =>
          withDatabase(environment, 'restore', async (client) => {
            const session = { client, environment, signal };
            if (await isDone(session, input)) {
              await requireAllowed(session, deps, input);
              return [`${wordFor(input.plan)} ${traitsOf(input.plan).hasValues ? 'are there' : 'may be built'}`];
            }
            if (input.plan.byAction !== undefined) await endLeftDdl(session);
            await failPoint('restore columns: before');
            const again = async (): Promise<void> => {
              await requireRightServer(session);
              await requireDropped(client, input);
              await requireAllowed(session, deps, input);
            };
            const allowed = async (): Promise<void> => {
              await requireRestorable(session, input);
              requireAcceptedLoss(environment, input, loss);
              await allowRollback(session, deps, input);
            };
            const isByAction = input.plan.byAction?.restore !== undefined;
            if (isByAction) await restoreByAction(session, input, { allowed, again });
            const removed = rollbackVerbsOf(input.plan, dropped.captured);
            const restored = await restore(client, removed, isByAction ? () => Promise.resolve() : allowed);
            await failPoint('restore columns: after');
            return restored;
          }),
      );
    });
}

/** What is to be restored, and what would be lost by now. @throws `BackupNotProven` if a source is gone since the decision */
async function recheck(session: Session, input: RestoreInput): Promise<{ dropped: DroppedRecord; loss: number }> {
  const { client } = session;
  const { rollout, planDigest } = input;
  await client.query('set statement_timeout = 0'); // it counts large tables; the signal is its limit
  const dropped = await requireDroppedRecord(client, { ...rollout, planDigest });
  if (input.newKeys !== undefined) await requireNoOtherSource(session, input);
  else if (
    traitsOf(input.plan).hasValues &&
    input.backup === undefined &&
    input.copy === undefined &&
    !isDerivable(input.plan)
  )
    throw permanent(
      'BackupNotProven',
      'expected a copy, a backup or new keys, found none; nothing was changed; start the rollback again',
    );
  const copy = await requireDecidedCopy(session, input);
  const backup =
    input.backup === undefined ? undefined : await requireProven(session, input.backup, { run: rollout, planDigest });
  const forecast = await forecastRollback(session, dropped, { copy, backup });
  return { dropped, loss: forecast.lostRows };
}

async function isDone(session: Omit<Session, 'signal'>, input: RestoreInput): Promise<boolean> {
  const { client } = session;
  if (input.plan.byAction?.restore !== undefined) return false; // what a tool has built is compared each time
  if (!traitsOf(input.plan).hasValues) return isUsed(client, input); // nothing is built in here, and no guard says so
  // What is found by a condition has its table all the time.
  const isBuilt =
    traitsOf(input.plan).isFoundBy === 'condition' || (await dataState(session, input.plan)) === 'present';
  if (!isBuilt || !(await isGuarded(client, input.plan))) return false;
  return input.decision === undefined || isUsed(client, input); // staging: its state row says that it was dropped by us
}

async function restore(
  client: PostgresClient,
  { verbs, dropped }: ReturnType<typeof rollbackVerbsOf>,
  allowed: () => Promise<void>,
): Promise<string[]> {
  const { plan } = dropped;
  return namingBlockers(client, possibleRelations(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await allowed();
      await lockAllTables(client, plan, 'access exclusive');
      await useSystemNames(client);
      const rebuilt = await verbs.rebuild(client, dropped, await isGuarded(client, plan));
      await runStatements(client, guardStatements(plan));
      await failPoint('restore columns: before commit');
      return rebuilt;
    }),
  );
}
