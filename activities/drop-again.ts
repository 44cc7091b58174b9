import type { PostgresClient } from '../adapters/postgres';
import { runStatements } from '../adapters/postgres-statements';
import { withTransaction } from '../adapters/postgres-transaction';
import { toMs } from '../contract/duration';
import type { Plan } from '../contract/plan';
import { removalsOf, wordFor } from '../contract/removals';
import { dropRestoredStatements } from '../sql/drop';
import { unguardStatements } from '../sql/guard';
import { revisionForward } from '../sql/revision';
import { withDatabase } from './database';
import { possibleTables } from '../sql/lock';
import type { Environment } from './environment';
import { lockAllTables } from './lock-tables';
import { dataState, readRevisionOf } from './look-at-world';
import { namingBlockers } from './name-blockers';
import { isGuarded } from './read-guard';
import { equalitiesOf } from './state/equalities';
import { ddlLimits, winLock } from './win-lock';

/**
 * A rehearsed way back that did not come to its end, in staging only: the guard says that its columns are half restored,
 * and they go again. So staging is what its state row says, and the next rollout can begin there. Nothing is lost: the
 * values are in final copy and backup.
 *
 * Safe to run again, and whatever is there. Returns what was done, in words.
 */
export async function dropAgain(environment: Environment, plan: Plan, signal: AbortSignal): Promise<string[]> {
  if (environment.name !== 'staging') return [];
  const what = `dropping half restored ${wordFor(plan)} of staging again`;
  return winLock({ what, givesUpAfterMs: toMs(plan.durations.dropGivesUp), signal }, () =>
    withDatabase(environment, 'drop again', (client) => endRehearsal(client, plan), signal),
  );
}

async function endRehearsal(client: PostgresClient, plan: Plan): Promise<string[]> {
  if (!(await isGuarded(client, plan))) return []; // nothing of ours is half-way
  return namingBlockers(client, possibleTables(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await lockAllTables(client, plan, 'access exclusive');
      if (!(await isGuarded(client, plan))) return [];
      const goes = wordFor(plan) === 'rows' || (await dataState(client, plan)) === 'present';
      const equalities = await equalitiesOf(client, removalsOf(plan));
      const again = goes ? dropRestoredStatements(plan, equalities) : [];
      await runStatements(client, [...unguardStatements(plan), ...again]);
      const { revision } = plan;
      if (revision !== undefined && (await readRevisionOf(client, revision)) === revision.from)
        await runStatements(client, [revisionForward(revision)]);
      return [`${wordFor(plan)} that were half restored are dropped again`];
    }),
  );
}
