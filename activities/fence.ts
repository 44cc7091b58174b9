import { failPoint } from '../adapters/fail-point';
import { openPostgres } from '../adapters/postgres';
import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { endSession, findSessionsStarting, withAdvisoryLock } from '../adapters/postgres-sessions';
import type { Environment } from './environment';

/** What a session does to the schema, for its name. */
export interface DdlStep {
  step: 'freeze' | 'hide' | 'unhide' | 'drop';
  workflowId: string;
  /** Which try it is; the first one ends what a dead worker left behind. */
  attempt: number;
}

/** Begins the name of every session that changes this environment's schema. */
const ddlPrefix = ({ target, name }: Environment): string => `rubicon ddl ${target} ${name} `.slice(0, 45);

/**
 * A session that changes the schema, and the only one of ours that does: whatever an earlier attempt has left in the
 * server is ended first (its transaction goes back with it), and an advisory lock on this very connection keeps the
 * next one out. What `work` does must look first what is there.
 *
 * @throws PostgresError with the reaction `retry` while another one is at work
 */
export async function inDdlSession<T>(
  environment: Environment,
  { step, workflowId, attempt }: DdlStep,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  const prefix = ddlPrefix(environment);
  // The end of the workflow id tells rollouts of one plan apart.
  const applicationName = `${prefix}${step} ${attempt} ${workflowId.slice(-12)}`.slice(0, 63);
  const postgres = openPostgres({ url: environment.postgresUrl, applicationName });
  try {
    return await postgres.withClient(async (client) => {
      if (attempt === 1) await endSessionsOf(client, prefix);
      const locked = await withAdvisoryLock(client, `rubicon ddl ${environment.target}`, async () => {
        await failPoint(`${step}: before`);
        const value = await work(client);
        await failPoint(`${step}: after`);
        return value;
      });
      if (locked.locked) return locked.value;
      const holder = `session ${locked.holder?.pid ?? '?'} at work`;
      throw new PostgresError(`expected no other change of this target's schema, found ${holder}`, undefined, 'retry');
    });
  } finally {
    await postgres.close();
  }
}

/** Ends all sessions of ours here, readers too: what must be put back at once waits for none of them. */
export const endOurReaders = (client: PostgresClient, { target, name }: Environment): Promise<void> =>
  endSessionsOf(client, `rubicon ${target} ${name} `.slice(0, 63));

async function endSessionsOf(client: PostgresClient, prefix: string): Promise<void> {
  for (const left of await findSessionsStarting(client, prefix)) await endSession(client, left);
}
