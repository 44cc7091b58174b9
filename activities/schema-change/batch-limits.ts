import type { PostgresClient } from '../../adapters/postgres/postgres';

/** What holds for rows that are written in batches, whichever way they go. */

/** Short waits for locks: while a batch waits for one row's writer, others may wait for its other rows. */
export const batchLimits = { lockTimeoutMs: 500, idleInTransactionTimeoutMs: 5_000 };

/** How long a batch waits for the writers of its rows, again and again, before it is given up. */
const batchGivesUpAfterMs = 60_000;

/** For one batch of many that share a session. */
export const batchOrder = (what: string, signal: AbortSignal) => ({
  ...{ what, givesUpAfterMs: batchGivesUpAfterMs, signal },
  oneSession: true as const,
});

/** Whether the role may do without the application's triggers. */
export const maySkipTriggers = async (client: PostgresClient): Promise<boolean> => {
  const sql = `select has_parameter_privilege('session_replication_role', 'set') as may`;
  return (await client.query<{ may: boolean }>(sql)).rows[0]?.may === true;
};
