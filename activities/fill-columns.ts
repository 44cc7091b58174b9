import type { PostgresClient } from '../adapters/postgres';
import { useSystemNames } from '../adapters/postgres-catalogue';
import { runStatements } from '../adapters/postgres-statements';
import { permanent } from '../contract/failures';
import { removalsOf } from '../contract/plan';
import type { Plan, Removal } from '../contract/plan';
import type { EnvironmentActivities, RestoreInput } from '../contract/steps';
import { countSentinels, countUnfilled, countUnlearned, createKeyTable, learnKeys } from '../sql/fill';
import { loadBackupHashes } from './backup-hashes';
import { loadBackupKeys } from './backup-keys';
import { addCopiedKeys, findWholeCopy } from './copy-keys';
import { withDatabase } from './database';
import type { Environment } from './environment';
import { fillRows } from './fill-rows';
import { withHeartbeat } from './heartbeat';
import { readRow } from './look-at-world';
import { requireRightServer } from './point-of-no-return';
import { requireProven, requireRecord } from './proven-backup';
import { requireAllowed, requireOwnDigest } from './rollback-decisions';
import type { RestoreDeps } from './rollback-decisions';

/**
 * Gives every row with a hash its key from the final copy and the backup, or a sentinel that is nobody's key. Guards against rows
 * that a release which reads the key would show to everybody.
 *
 * Safe to run again, and has to be: rows that were written meanwhile are filled too, filled ones are left alone. A later
 * run is quick enough for a maintenance: it restores the backup only if it holds a key that is needed.
 */
export function createFillColumns(deps: RestoreDeps): EnvironmentActivities['fillColumns'] {
  return (input) =>
    withHeartbeat(async (signal) => {
      const startedAt = performance.now();
      const environment = deps.environment(input.run.target);
      requireOwnDigest(input);
      const receipt = await withDatabase(
        environment,
        'fill',
        async (client) => {
          await requireRightServer(client, environment);
          await requireRolloutOf(client, input);
          await requireAllowed(client, deps, environment, input);
          await client.query('set statement_timeout = 0'); // a walk is long; the signal is its limit
          if ((await sumOf(client, input.plan, countUnfilled)) === 0) return { filled: 0, sentinels: 0 };
          await useSystemNames(client);
          await gatherKeys(client, environment, input, signal);
          await client.query('reset search_path'); // triggers of the application expect their own
          const filled = await fillRows(client, input.plan, signal);
          return { filled, sentinels: await sumOf(client, input.plan, countSentinels) };
        },
        signal,
      );
      return { ...receipt, tookMs: Math.round(performance.now() - startedAt) };
    });
}

/** After the revision went back it is filled once more, so both states are right. */
async function requireRolloutOf(client: PostgresClient, { rollout }: RestoreInput): Promise<void> {
  const row = await readRow(client, rollout);
  if (row?.state === 'dropped' || row?.state === 'rolled-back') return;
  const found = `found "${row?.state ?? 'no row'}"; nothing was changed`;
  throw permanent('WrongWorld', `expected ${rollout.workflowId} to have dropped, ${found}`);
}

/** Of all tables of the plan. */
async function sumOf(
  client: PostgresClient,
  plan: Pick<Plan, 'removes'>,
  countIn: (removal: Removal) => string,
): Promise<number> {
  let sum = 0;
  for (const removal of removalsOf(plan)) {
    const { rows } = await client.query<{ count: number }>(countIn(removal));
    sum += rows[0]?.count ?? 0;
  }
  return sum;
}

/** From rows that have their key by now, from the final copy, and from the backup if it knows one more. */
async function gatherKeys(
  client: PostgresClient,
  environment: Environment,
  { rollout, plan, planDigest, backup }: RestoreInput,
  signal: AbortSignal,
): Promise<void> {
  const removals = removalsOf(plan);
  const copy = await findWholeCopy(environment, rollout, planDigest, signal);
  const addCopy = async (): Promise<void> => copy && addCopiedKeys(client, environment, copy);
  const listed = await loadBackupHashes(client, environment, await requireRecord(environment, backup, planDigest));
  if (listed) {
    await runStatements(client, [createKeyTable]);
    await client.query(learnKeys(removals, plan.proof));
    await addCopy();
    const { rows } = await client.query<{ count: number }>(countUnlearned(removals));
    if (rows[0]?.count === 0) return;
    await client.query('drop table rubicon_keys');
  }
  await loadBackupKeys(client, environment, await requireProven(environment, backup, planDigest, signal), signal);
  await addCopy();
}
