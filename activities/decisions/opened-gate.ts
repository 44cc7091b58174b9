import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Gate, Run } from '../../contract/run/decisions';
import { insertGate, selectGate, useEarlierChallenges, type GateRow } from '../../sql/gates';

/** A gate as the production worker has opened it, from the database of production. */
export type OpenedGate = GateRow<Gate>;

/** What was opened under this challenge by this run; undefined: nothing was. */
export async function openedGate(
  client: PostgresClient,
  { workflowId, firstRun }: Pick<Run, 'workflowId' | 'firstRun'>,
  challenge: string,
): Promise<OpenedGate | undefined> {
  const { rows } = await client.query<OpenedGate>(selectGate, [challenge, workflowId, firstRun]);
  return rows[0];
}

/**
 * Notes it before anybody gets a code. A second attempt finds what the first has noted. Of production's gate one opening at most is
 * worth anything: the newest.
 */
export async function noteGate(client: PostgresClient, gate: Gate, notBefore: string | undefined): Promise<void> {
  const { challenge, workflowId, firstRun, name } = gate;
  const values = [challenge, workflowId, firstRun, JSON.stringify(gate), notBefore ?? null];
  const { rowCount } = await client.query(insertGate, values);
  if (rowCount === 1 && name === 'production')
    await client.query(useEarlierChallenges, [challenge, workflowId, firstRun, name]);
}
