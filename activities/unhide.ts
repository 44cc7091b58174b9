import type { PostgresClient } from '../adapters/postgres';
import { findColumns } from '../adapters/postgres-catalogue';
import { withTransaction } from '../adapters/postgres-transaction';
import type { Run } from '../contract/decisions';
import { toMs } from '../contract/duration';
import { removalsOf } from '../contract/plan';
import type { Plan } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import { unfreezeStatements } from '../sql/freeze';
import { hiddenColumn, unhideStatements } from '../sql/hide';
import type { Environment, FindEnvironment } from './environment';
import { inDdlSession } from './fence';
import { withHeartbeat } from './heartbeat';
import { lockAllTables } from './lock-tables';
import { namingBlockers } from './name-blockers';
import { isFreezeOf, readFreeze } from './read-freeze';
import { runDdl } from './run-ddl';
import { ddlLimits, winLock } from './win-lock';

/**
 * Gives the columns their names back and ends the freeze, in one short transaction. Needs no decision: it is the safe
 * direction. Guards against users who wait for somebody to decide. Sessions of our own that read are ended first.
 *
 * Safe to run again, and whatever is there: columns that have their names stay as they are, and those that another
 * rollout has hidden, too.
 *
 * @throws `LockNotWon`
 */
export function createUnhide({ environment: find }: { environment: FindEnvironment }): EnvironmentActivities['unhide'] {
  return ({ run, plan }) => withHeartbeat((signal) => unhide(find(run.target), run, plan, signal));
}

/** The same for other steps. Returns what was done, in words. */
export function unhide(environment: Environment, run: Run, plan: Plan, signal: AbortSignal): Promise<string[]> {
  const givesUpAfterMs = toMs(plan.durations.dropGivesUp);
  return winLock({ what: 'putting the columns back', givesUpAfterMs, signal }, (attempt) =>
    inDdlSession(environment, { step: 'unhide', workflowId: run.workflowId, plan, attempt }, (client) =>
      namingBlockers(client, removalsOf(plan), () =>
        withTransaction(client, ddlLimits(plan), () => putNamesBack(client, run, plan)),
      ),
    ),
  );
}

async function putNamesBack(client: PostgresClient, run: Run, plan: Plan): Promise<string[]> {
  if ((await readFreeze(client, plan)).state === 'none' && (await hiddenOf(client, plan)).length === 0) return [];
  await lockAllTables(client, plan, 'access exclusive');
  const freeze = await readFreeze(client, plan);
  if (freeze.state === 'whole' && !isFreezeOf(run, freeze.id)) return [`left alone: frozen by "${freeze.id}"`];
  const removes = await hiddenOf(client, plan);
  await runDdl(client, 'unhide', [...unhideStatements({ removes }), ...unfreezeStatements(plan)]);
  return [
    ...(removes.length === 0
      ? []
      : [`columns have their names back: ${removes.map(({ column }) => column).join(', ')}`]),
    ...(freeze.state === 'none' ? [] : ['freeze ended']),
  ];
}

/** Those that are hidden and not there: somebody's hand may have left only some. */
async function hiddenOf(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<Plan['removes']> {
  const hidden: Plan['removes'] = [];
  for (const { schema, table, column, replacedBy } of removalsOf(plan)) {
    const columns = (await findColumns(client, { schema, table })) ?? [];
    if (columns.includes(column) || !columns.includes(hiddenColumn(column))) continue;
    hidden.push({ column: `${schema}.${table}.${column}`, replacedBy });
  }
  return hidden;
}
