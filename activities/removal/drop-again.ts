import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Plan } from '../../contract/plan/plan';
import { removalsOf, traitsOf, wordFor } from '../../contract/plan/removals';
import type { RowState } from '../../contract/run/observed-state';
import { dropRestoredStatements } from '../../sql/drop';
import { unguardStatements } from '../../sql/write-guard';
import { possibleRelations } from '../../sql/lock';
import { revisionAgain } from '../../sql/revision';
import type { Statement } from '../../sql/statement';
import { withSession } from '../environment/database';
import type { Session } from '../environment/session';
import { endLeftDdl } from '../schema-change/exclusive-session';
import { lockAllTables } from '../schema-change/lock-tables';
import { dataState, readRevisionOf } from '../state/observe-state';
import { namingBlockers } from '../schema-change/name-blockers';
import { isBegun, isGuarded } from '../state/read-write-guard';
import { equalitiesOf } from '../state/equalities';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import { effectsOf } from './kinds/kinds';

/**
 * What did not come to its end in staging: a rehearsed way back (the guard, or the mark of a tool that was told to build, says
 * that its columns are half restored), or a drop that was left to a tool and is decided. Both end with the change, by our own
 * statements, whatever a tool has left: half of the columns, another type, another revision. So staging is what its
 * state row says, and the next rollout can begin there. Nothing is lost: the values are in final copy and backup.
 *
 * Safe to run again, and whatever is there. `row`: this run's state row. Returns what was done, in words.
 */
export async function dropAgain(
  { environment, signal }: Omit<Session, 'client'>,
  plan: Plan,
  row: RowState,
): Promise<string[]> {
  if (environment.name !== 'staging' || !effectsOf(plan).isDroppedAgain) return [];
  const what = `dropping half restored ${wordFor(plan)} of staging again`;
  return acquireWithRetry(ddlOrder(plan, { what, signal }), () =>
    withSession({ environment, signal }, 'drop again', (session) => goForward(session, plan, row)),
  );
}

async function goForward(session: Omit<Session, 'signal'>, plan: Plan, row: RowState): Promise<string[]> {
  const { client } = session;
  if ((await leftHalfWay(session, plan, row)) === undefined) return [];
  if (plan.byAction !== undefined) await endLeftDdl(session); // a tool of a dead worker could still build
  return namingBlockers(client, possibleRelations(plan), () =>
    withTransaction(client, ddlLimits(plan), async () => {
      await lockAllTables(client, plan, 'access exclusive');
      const left = await leftHalfWay(session, plan, row);
      if (left === undefined) return [];
      // What is found by a condition can have come back in part, and be there again.
      const isThere = traitsOf(plan).isFoundBy === 'condition' || (await dataState(session, plan)) !== 'dropped';
      const equalities = await equalitiesOf(client, removalsOf(plan));
      const again = isThere ? dropRestoredStatements(plan, equalities) : [];
      await runStatements(client, [...unguardStatements(plan), ...again, ...(await revision(client, plan))]);
      return [left];
    }),
  );
}

/** What is half-way and ours, in words; undefined: nothing. */
async function leftHalfWay(session: Omit<Session, 'signal'>, plan: Plan, row: RowState): Promise<string | undefined> {
  const { client } = session;
  const word = wordFor(plan);
  const { restore, drop } = plan.byAction ?? {};
  const byOwn = "by Rubicon's own statements";
  if (await isBegun(client, plan))
    return `whatever the action "${restore ?? ''}" has left of the ${word} is dropped again, ${byOwn}`;
  if (await isGuarded(client, plan)) return `${word} that were half restored are dropped again`;
  // Without values nothing is guarded: whatever is there after its drop was built by its way back.
  if (!traitsOf(plan).hasValues && row === 'dropped' && (await dataState(session, plan)) === 'present')
    return `${word} that were built again are dropped`;
  if (drop === undefined || row !== 'dropped' || (await dataState(session, plan)) === 'dropped') return undefined;
  return `the ${word} that the action "${drop}" was to drop are dropped, ${byOwn}`;
}

async function revision(client: PostgresClient, { revision: wanted }: Plan): Promise<Statement[]> {
  const found = await readRevisionOf(client, wanted);
  return wanted === undefined || found === undefined || found === wanted.to ? [] : [revisionAgain(wanted, found)];
}
