import { Client } from 'pg';
import type { Environment } from '../../../activities/environment/environment';
import type { Run } from '../../../contract/run/decisions';

/** As if this run had been without the data for a day, every minute of it watched: nobody waits for that in a test. */
export async function tried(
  { postgresUrl }: Pick<Environment, 'postgresUrl'>,
  { workflowId, firstRun }: Run,
): Promise<void> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(
      `update rubicon.trial set hidden_at = clock_timestamp() - interval '1 day', seen_at = clock_timestamp(), seen = '1 day'
        where workflow_id = $1 and first_run = $2`,
      [workflowId, firstRun],
    );
  } finally {
    await client.end();
  }
}
