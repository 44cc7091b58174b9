import { Client } from 'pg';
import type { Environment } from '../../../activities/environment/environment';
import type { Plan } from '../../../contract/plan/plan';
import type { Run } from '../../../contract/run/decisions';
import { serves } from './serves';

/**
 * As if this run had been without the data for a day, every minute of it watched, under the new release: nobody waits for that in a
 * test.
 */
export async function tried(
  environment: Environment,
  { run: { workflowId, firstRun }, plan }: { run: Run; plan: Plan },
): Promise<void> {
  await serves(environment, plan.release.to);
  const client = new Client({ connectionString: environment.postgresUrl });
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
