import type { PerformOfPlan } from '../statements/of-known-plan';
import type { RestoreInput } from '../../contract/run/effect-inputs';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { useSystemNames } from '../../adapters/postgres/search-path';
import type { Plan } from '../../contract/plan/plan';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { columnsOf, isKeptByRow } from '../../contract/plan/removals';
import { countUnfilled } from '../../sql/fill';
import { createKeyTable } from '../../sql/saved-values/known-keys';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { countSentinels } from '../../sql/saved-values/sentinel';
import { isTableDefinition, shapesAmong } from '../state/captured-columns';
import { withDatabase } from '../environment/database';
import { requireDroppedRecord } from '../state/dropped-record';
import type { Environment } from '../environment/environment';
import { servingRelease } from '../actions/serving';
import { fillRows } from './fill-rows';
import { gatherKeys } from './gather-keys';
import { withHeartbeat } from '../environment/heartbeat';
import { readRow } from '../state/look-at-world';
import { requireRightServer } from '../state/point-of-no-return';
import { renewOwners } from './renew-owners';
import { withSecondSession } from './second-session';
import { putRowsBack } from './restore-rows';
import { fillTables, haveRows, tablesOf } from './restore-table';
import { requireAllowed, requireDropped, requireOwnDigest } from '../approval/rollback-decisions';
import type { RestoreDeps } from '../approval/rollback-decisions';
import { throttleOf, unthrottled, type Throttle } from '../schema-change/throttle';

/**
 * Gives every row with a hash its key from the final copy and the backup, or a sentinel that is nobody's key. Guards against rows
 * that a release which reads the key would show to everybody.
 *
 * Safe to run again, and has to be: rows that were written meanwhile are filled too, filled ones are left alone. A later
 * run is quick enough for a maintenance: it restores the backup only if it holds a key that is needed.
 */
export function createFillColumns(deps: RestoreDeps): PerformOfPlan<'fillColumns'> {
  return (input) =>
    withHeartbeat(async (signal) => {
      const startedAt = performance.now();
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const removals = columnsOf(input.plan);
      const receipt = await withDatabase(
        environment,
        'fill',
        async (client) => {
          await requireRightServer(client, environment);
          await requireDropped(client, input);
          await requireAllowed(client, deps, environment, input);
          await client.query('set statement_timeout = 0'); // a walk is long; the signal is its limit
          // What a retry of the last step finds: all is done, and the map of new keys is gone.
          if (input.newKeys !== undefined && (await readRow(client, input.rollout))?.state === 'rolled-back')
            return { filled: 0, sentinels: 0, renewed: 0 };
          const throttle = input.inMaintenance === true ? unthrottled : throttleOf(environment, client, signal);
          if (columnsOf(input.plan).length === 0) return fillWhole(client, environment, input, { throttle, signal });
          const renewed = input.newKeys && (await renewOwners(client, environment, input, { throttle, signal }));
          const told = renewed === undefined ? {} : { renewed };
          const overwrite = await maySetAnew(environment, input.plan);
          if (!overwrite && (await sumOf(client, removals, (removal) => countUnfilled(removal, 1))) === 0)
            return { filled: 0, sentinels: 0, ...told };
          // People wait: rows that have changed since need what follows from them, and no old value.
          const isDerived = input.inMaintenance === true && input.plan.proof !== undefined && isKeptByRow(input.plan);
          const learn = async (session: PostgresClient): Promise<void> => {
            await useSystemNames(session);
            if (isDerived) await runStatements(session, [createKeyTable]);
            else await gatherKeys(session, environment, input, signal);
            await session.query('reset search_path'); // triggers of the application expect their own
          };
          let learned: Promise<void> | undefined;
          const learnOnce = (): Promise<void> => (learned ??= learn(client));
          const ready = async (second: PostgresClient): Promise<void> => {
            await second.query('set statement_timeout = 0');
            const [outcome] = await Promise.allSettled([learn(second), learnOnce()]);
            if (outcome.status === 'rejected') throw outcome.reason;
          };
          const fill = async (second?: PostgresClient): Promise<number> => {
            await learnOnce();
            return fillRows(client, input.plan, signal, { throttle, overwrite, second });
          };
          const filled = await withSecondSession(environment, ready, fill, signal);
          const throttledMs = throttle.waitedMs();
          if (throttledMs > 0) Object.assign(told, { throttledMs });
          return { filled, sentinels: await sumOf(client, replacedOf(removals), countSentinels), ...told };
        },
        signal,
      );
      return { ...receipt, tookMs: Math.round(performance.now() - startedAt) };
    });
}

/** Whether a value that does not fit its replacement any more is out of date, instead of just written by the old release. */
export const maySetAnew = async (environment: Environment, { removes, proof, release }: Plan): Promise<boolean> =>
  proof !== undefined && isKeptByRow({ removes }) && (await servingRelease(environment, release)) === release.to;

/** Whole tables, or some rows. Tables that are filled already are left alone, without a look into copy or backup. */
async function fillWhole(
  client: PostgresClient,
  environment: Environment,
  input: RestoreInput,
  { throttle, signal }: { throttle: Throttle; signal: AbortSignal },
): Promise<{ filled: number; sentinels: number }> {
  const { plan } = input;
  if (tablesOf(plan).length > 0 && (await haveRows(client, plan))) return { filled: 0, sentinels: 0 };
  const { captured } = await requireDroppedRecord(client, { ...input.rollout, planDigest: input.planDigest });
  await useSystemNames(client);
  await gatherKeys(client, environment, input, signal);
  const rows = await putRowsBack(client, plan, shapesAmong(captured), { throttle, signal });
  return { filled: rows + (await fillTables(client, plan, captured.filter(isTableDefinition))), sentinels: 0 };
}

/** Of all tables of the plan. */
async function sumOf<Kind extends ColumnRemoval>(
  client: PostgresClient,
  removals: readonly Kind[],
  countIn: (removal: Kind) => string,
): Promise<number> {
  let sum = 0;
  for (const removal of removals) {
    const { rows } = await client.query<{ count: number }>(countIn(removal));
    sum += rows[0]?.count ?? 0;
  }
  return sum;
}
