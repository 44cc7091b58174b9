import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import type { Run } from '../../contract/run/decisions';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';
import { insertDropped, selectDropped } from '../../sql/dropped';
import type { Capture } from './captured-columns';

/**
 * What was dropped, as the target's own database remembers it: so that the way back knows plan and columns when Temporal,
 * the plan's folder and every backup are gone.
 */
export interface DroppedRecord {
  plan: Plan;
  /** The columns as they were: types, defaults, indexes, comments, grants. */
  captured: Capture[];
}

type Rollout = Pick<Run, 'workflowId' | 'firstRun'>;

/** In the transaction of the drop: there is no drop without it. */
export async function writeDroppedRecord(
  client: PostgresClient,
  { workflowId, firstRun }: Rollout,
  { plan, captured }: DroppedRecord,
): Promise<void> {
  await client.query(insertDropped, [workflowId, firstRun, JSON.stringify(plan), JSON.stringify(captured)]);
}

/**
 * Undefined where this rollout has dropped nothing.
 *
 * @throws `WrongState` if it is of another plan than was approved
 */
export async function findDroppedRecord(
  client: PostgresClient,
  { workflowId, firstRun, planDigest }: Rollout & { planDigest: string },
): Promise<DroppedRecord | undefined> {
  const record = await read(client, [workflowId, firstRun]);
  if (record === undefined || digestOf(record.plan) === planDigest) return record;
  const found = `found plan ${digestOf(record.plan).slice(0, 12)}; nothing was changed`;
  throw permanent(
    'WrongState',
    `expected rubicon.dropped to hold plan ${planDigest.slice(0, 12)} of ${workflowId}, ${found}; find out who has changed that row`,
  );
}

/** @throws `WrongState` if this rollout has dropped nothing */
export async function requireDroppedRecord(
  client: PostgresClient,
  rollout: Rollout & { planDigest: string },
): Promise<DroppedRecord> {
  const record = await findDroppedRecord(client, rollout);
  if (record !== undefined) return record;
  const { workflowId } = rollout;
  throw permanent('WrongState', `expected what ${workflowId} has dropped in rubicon.dropped, found no row`);
}

async function read(client: PostgresClient, parameters: string[]): Promise<DroppedRecord | undefined> {
  try {
    return (await client.query<{ plan: Plan; captured: Capture[] }>(selectDropped, parameters)).rows[0];
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate === sqlstate.undefinedTable) return undefined;
    throw error;
  }
}
