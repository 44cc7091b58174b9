import type { PerformOfPlan } from '../statements/of-known-plan';
import type { RestoreInput } from '../../contract/run/effect-inputs';
import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { useSystemNames } from '../../adapters/postgres/search-path';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { toMs } from '../../contract/text/duration';
import { permanent } from '../../contract/run/failures';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { beginStatements, guardStatements } from '../../sql/guard';
import { possibleTables } from '../../sql/lock';
import { findChallenge } from '../../sql/state';
import { isDerivable } from '../../sql/saved-values/fill-proven';
import { requireDecidedCopy } from '../backup/copy-keys';
import { withDatabase } from '../environment/database';
import { requireDroppedRecord } from '../catalogue/dropped-record';
import type { DroppedRecord } from '../catalogue/dropped-record';
import { decidesAlone, type Environment } from '../environment/environment';
import { forecastRollback } from './forecast-rollback';
import { endLeftDdl } from '../schema-change/fence';
import { withHeartbeat } from '../environment/heartbeat';
import { lockAllTables } from '../schema-change/lock-tables';
import { dataState, readRevisionOf, readRow } from '../state/look-at-world';
import { migrateByAction } from '../actions/migrate-by-action';
import { namingBlockers } from '../schema-change/name-blockers';
import { requireRightServer } from '../state/point-of-no-return';
import { requireProven } from '../backup/proven-backup';
import { wayBackOf } from './kinds/kinds';
import { isGuarded } from '../state/read-guard';
import { requireNoOtherWay } from '../new-keys/other-way';
import { allowRollback, requireAllowed, requireDropped, requireOwnDigest } from '../approval/rollback-decisions';
import type { RestoreDeps } from '../approval/rollback-decisions';
import { ddlLimits, winLock } from '../schema-change/win-lock';

/**
 * Builds the dropped columns or tables by their captured definitions, empty, and guards them: one transaction with the check of the decisions, so
 * that a decision is used exactly once. Guards against a rollback that nobody has decided, one that loses more than was
 * decided, of another rollout, and with another definition (the migration tool's own downgrade builds the wrong type).
 *
 * Safe to run again: columns that are there, and a challenge that is used, mean that it is done.
 */
export function createRestoreColumns(deps: RestoreDeps): PerformOfPlan<'restoreColumns'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const { dropped, loss } = await withDatabase(
        environment,
        'forecast',
        (client) => lookAgain(client, environment, input, signal),
        signal,
      );
      const givesUpAfterMs = toMs(input.plan.durations.dropGivesUp);
      return winLock({ what: `the restoration of the ${wordFor(input.plan)}`, givesUpAfterMs, signal }, () =>
        withDatabase(environment, 'restore', async (client) => {
          if (await isDone(client, environment, input)) {
            await requireAllowed(client, deps, environment, input);
            return [`${wordFor(input.plan)} are there`];
          }
          if (input.plan.byAction !== undefined) await endLeftDdl(client, environment);
          await failPoint('restore columns: before');
          const again = async (): Promise<void> => {
            await requireRightServer(client, environment);
            await requireDropped(client, input);
            await requireAllowed(client, deps, environment, input);
          };
          const allowed = (): Promise<void> => allow(client, deps, environment, input, loss);
          const restored = await (input.plan.byAction?.restore === undefined
            ? restore(client, input, dropped, allowed)
            : restoreByAction(client, environment, input, { dropped, allowed, again, signal }));
          await failPoint('restore columns: after');
          return restored;
        }),
      );
    });
}

/** What is to be restored, and what would be lost by now. @throws `BackupNotProven` if a source is gone since the decision */
async function lookAgain(
  client: PostgresClient,
  environment: Environment,
  input: RestoreInput,
  signal: AbortSignal,
): Promise<{ dropped: DroppedRecord; loss: number }> {
  const { rollout, planDigest } = input;
  await client.query('set statement_timeout = 0'); // it counts large tables; the signal is its limit
  const dropped = await requireDroppedRecord(client, { ...rollout, planDigest });
  if (input.newKeys !== undefined) await requireNoOtherWay(client, environment, input, signal);
  else if (input.backup === undefined && input.copy === undefined && !isDerivable(input.plan))
    throw permanent(
      'BackupNotProven',
      'expected a copy, a backup or new keys, found none; nothing was changed; start the rollback again',
    );
  const copy = await requireDecidedCopy(environment, input, signal);
  const backup =
    input.backup === undefined ? undefined : await requireProven(environment, input.backup, planDigest, signal);
  const forecast = await forecastRollback(client, environment, dropped, { copy, backup }, signal);
  return { dropped, loss: forecast.lostRows };
}

async function isDone(client: PostgresClient, environment: Environment, input: RestoreInput): Promise<boolean> {
  if (input.plan.byAction?.restore !== undefined) return false; // what a tool has built is compared each time
  // What is found by a condition has its table all the time.
  const isBuilt =
    traitsOf(input.plan).isFoundBy === 'condition' || (await dataState(client, input.plan, environment)) === 'present';
  if (!isBuilt || !(await isGuarded(client, input.plan))) return false;
  return input.gate === undefined || isUsed(client, input); // staging: its state row says that it was dropped by us
}

/** Of the decision that the first effect uses: with new keys, that they were opened. */
async function isUsed(client: PostgresClient, { gate: approved, newKeys }: RestoreInput): Promise<boolean> {
  const gate = newKeys?.gate ?? approved;
  if (gate === undefined) return false;
  const { rows: used } = await client.query(findChallenge, [gate.challenge]);
  return used.length === 1;
}

interface ByAction {
  dropped: DroppedRecord;
  /** Verifies the decisions and uses them up. */
  allowed: () => Promise<void>;
  /** Verifies those that an earlier try has used. */
  again: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * By the platform's tool: the decisions are used up before it, since its transaction is not ours. What it has built must
 * be the captured columns; rows that were written between it and the guard are found by the fill.
 */
async function restoreByAction(
  client: PostgresClient,
  environment: Environment,
  input: RestoreInput,
  { dropped, allowed, again, signal }: ByAction,
): Promise<string[]> {
  const { plan } = input;
  if (await isUsed(client, input)) await again();
  else await withTransaction(client, ddlLimits(plan), () => begin(client, environment, plan, allowed));
  await migrateByAction(environment, {
    ...{ verb: 'restore', plan, revision: plan.revision?.from ?? '', signal },
    lacks: async () => {
      const [data, revision] = [
        await dataState(client, plan, environment),
        await readRevisionOf(client, plan.revision),
      ];
      if (data === 'present' && revision === plan.revision?.from) return undefined;
      return `the columns ${data} and revision ${revision ?? 'unknown'}`;
    },
  });
  return restore(client, input, dropped, async () => undefined);
}

/** Staging's rehearsal has to go forward again whatever the tool makes of it: a mark says that it was told to build. */
async function begin(
  client: PostgresClient,
  environment: Environment,
  plan: RestoreInput['plan'],
  allowed: () => Promise<void>,
): Promise<void> {
  await allowed();
  if (!decidesAlone(environment)) return;
  await lockAllTables(client, plan, 'share row exclusive');
  await runStatements(client, beginStatements(plan));
}

async function restore(
  client: PostgresClient,
  { plan }: RestoreInput,
  { captured }: DroppedRecord,
  allowed: () => Promise<void>,
): Promise<string[]> {
  const { wayBack, dropped } = wayBackOf(plan, captured);
  return namingBlockers(client, possibleTables(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await allowed();
      await lockAllTables(client, plan, 'access exclusive');
      await useSystemNames(client);
      const rebuilt = await wayBack.rebuild(client, dropped, await isGuarded(client, plan));
      await runStatements(client, guardStatements(plan));
      await failPoint('restore columns: before commit');
      return rebuilt;
    }),
  );
}

/** Right server, right rollout, decisions that are worth as much as is lost. */
async function allow(
  client: PostgresClient,
  deps: RestoreDeps,
  environment: Environment,
  input: RestoreInput,
  lostRows: number,
): Promise<void> {
  const { rollout, gate, planDigest } = input;
  await requireRightServer(client, environment);
  const row = await readRow(client, rollout);
  if (row?.state !== 'dropped' || row.planDigest !== planDigest) {
    const found = `found ${row === undefined ? 'none' : `"${row.state}" for plan ${row.planDigest.slice(0, 12)}`}`;
    const expected = `expected the state row of ${rollout.workflowId} "dropped" for plan ${planDigest.slice(0, 12)}`;
    throw permanent('WrongWorld', `${expected}, ${found}; nothing was changed`);
  }
  if (!decidesAlone(environment) && gate?.purpose !== 'accept-loss' && lostRows > 0) {
    const found = `found ${lostRows} rows that would be lost`;
    const message = `expected a rollback without loss, as it was approved, ${found}; nothing was changed`;
    throw permanent('NotDecided', `${message}; start the rollback again: it asks for an accepted loss`);
  }
  await allowRollback(client, deps, environment, input);
}
