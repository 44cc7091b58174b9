import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import type { Run } from '../../contract/run/decisions';
import { hasValues, type DatabaseRemoval } from '../../contract/plan/removal';
import { removalsOf, traitsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import type { DataState, RowState, ObservedState } from '../../contract/run/observed-state';
import { readRollout } from '../../sql/state';
import type { RolloutRow } from '../../sql/state';
import { valueVerbsOf, verbsOf } from '../../sql/kinds/kinds';
import { readRevision } from '../../sql/revision';
import { withDatabase } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import type { Session } from '../environment/session';
import { servingRelease } from '../actions/serving';
import { readFreeze } from './read-freeze';
import { isGuarded } from './read-write-guard';
import { equalitiesOf } from './equalities';
import { isNamed } from './is-named';
import { stateOfExternal } from './external-state';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * What is, from catalogue, state row and what tells the release. Guards against deciding from what a workflow remembers. Reads
 * only.
 */
export function createObserveState({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'observeState'> {
  return async ({ target, removes, revision, byAction, release: releases, run }) => {
    const environment = find(target);
    const observed = await withDatabase(environment, 'look', (client) =>
      readObservedState({ client, environment }, { removes, revision, ...(byAction && { byAction }) }, run),
    );
    const release = await servingRelease(environment, releases);
    return { ...observed, ...(release !== undefined && { release }) };
  };
}

/** The part of the world that the database knows. */
export async function readObservedState(
  session: Omit<Session, 'signal'>,
  plan: Pick<Plan, 'removes' | 'byAction'> & { revision?: Plan['revision'] },
  run: Pick<Run, 'workflowId' | 'firstRun'>,
): Promise<ObservedState> {
  const { client } = session;
  const revision = await readRevisionOf(client, plan.revision);
  const freeze = await readFreeze(client, plan);
  const row = (await readRow(client, run))?.state ?? 'none';
  return {
    data: await dataState(session, plan, row === 'dropped'),
    row,
    ...(freeze.state === 'whole' && { freeze: freeze.id }),
    ...(revision !== undefined && { revision }),
    ...((await isGuarded(client, plan)) && { writeGuard: true }),
  };
}

/**
 * Present, hidden, dropped, or (after somebody's hand) inconsistent. The environment's actions know things outside the
 * database. `isDropped`: the state row says so; rows that are there all the same were written since, and are others.
 */
export async function dataState(
  { client, environment }: Omit<Session, 'signal'>,
  plan: Pick<Plan, 'removes' | 'byAction'>,
  isDropped = false,
): Promise<DataState> {
  const { isInDatabase, isFoundBy } = traitsOf(plan);
  if (!isInDatabase) return stateOfExternal({ environment }, plan);
  const states = new Set<DataState>();
  for (const removal of removalsOf(plan)) {
    const { isThere, isHidden } = await placesOf(client, removal);
    if (isThere && !(isDropped && isFoundBy === 'condition')) states.add(isHidden ? 'inconsistent' : 'present');
    else states.add(isHidden ? 'hidden' : 'dropped');
  }
  const [state = 'dropped', another] = states;
  return another === undefined ? state : 'inconsistent';
}

/** Under which of its names something is there; both, or none, are possible. */
export async function placesOf(
  client: PostgresClient,
  removal: DatabaseRemoval,
): Promise<{ isThere: boolean; isHidden: boolean }> {
  const hidden = await isHidden(client, removal);
  const find = hasValues(removal) ? valueVerbsOf(removal).find : undefined;
  if (find === undefined || !hasValues(removal)) return { isThere: await isNamed(client, removal), isHidden: hidden };
  const { rows } = await client.query<{ yes: boolean }>(find(removal, await equalitiesOf(client, [removal])));
  return { isThere: rows[0]?.yes === true, isHidden: hidden };
}

/** Whether it is there under the name that hides it. */
export const isHidden = (client: PostgresClient, removal: DatabaseRemoval): Promise<boolean> =>
  isNamed(client, verbsOf(removal).hidden(removal));

/** The revision that the migration tool has recorded; undefined where the plan names none, or there is no single row. */
export async function readRevisionOf(client: PostgresClient, revision: Plan['revision']): Promise<string | undefined> {
  if (revision === undefined) return undefined;
  const { rows } = await client.query<{ revision: string }>(readRevision(revision));
  return rows.length === 1 ? rows[0]?.revision : undefined;
}

/** This run's state row; undefined where there is none, or the schema is not installed. */
export async function readRow(
  client: PostgresClient,
  { workflowId, firstRun }: Pick<Run, 'workflowId' | 'firstRun'>,
): Promise<(RolloutRow & { state: RowState }) | undefined> {
  try {
    const { rows } = await client.query<RolloutRow>(readRollout, [workflowId, firstRun]);
    return rows[0];
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate === sqlstate.undefinedTable) return undefined;
    throw error;
  }
}
