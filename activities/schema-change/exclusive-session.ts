import { failPoint } from '../../adapters/programs/fail-point';
import { openPostgres } from '../../adapters/postgres/postgres';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { endSession, findBlockers, findSessionsStarting, withAdvisoryLock } from '../../adapters/server/sessions';
import { findLockable } from '../../adapters/catalogue/lockable';
import type { Plan } from '../../contract/plan/plan';
import { possibleRelations } from '../../sql/lock';
import type { Environment } from '../environment/environment';
import type { Session } from '../environment/session';

/** What a session does to the schema, for its name. */
export interface DdlStep {
  step: 'freeze' | 'hide' | 'unhide' | 'drop';
  workflowId: string;
  plan: Pick<Plan, 'removes'>;
  /** Which try it is; the first one ends what a dead worker left behind. */
  attempt: number;
}

/** Begins the name of every session that changes this environment's schema. */
const ddlPrefix = ({ target, name }: Environment): string => `rubicon ddl ${target} ${name} `.slice(0, 45);

/**
 * A session that changes the schema, and the only one of ours that does: whatever an earlier attempt has left in the
 * server is ended first (its transaction goes back with it), and an advisory lock on this very connection keeps the
 * next one out. A later attempt ends what else of ours could be in its way: readers, and the attempt before it. What
 * `work` does must look first what is there.
 *
 * @throws PostgresError with the reaction `retry` while another one is at work
 */
export async function inDdlSession<T>(
  environment: Environment,
  { step, workflowId, plan, attempt }: DdlStep,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  const prefix = ddlPrefix(environment);
  // The end of the workflow id tells rollouts of one plan apart.
  const nameOf = (which: number) => `${prefix}${step} ${which} ${workflowId.slice(-12)}`.slice(0, 63);
  const earlier = Array.from({ length: attempt - 1 }, (_, index) => nameOf(index + 1));
  const postgres = openPostgres({ url: environment.postgresUrl, applicationName: nameOf(attempt) });
  try {
    return await postgres.withClient(async (client) => {
      if (attempt === 1) await endSessionsOf(client, prefix);
      // People wait for the columns, or the lock was not won: then none of us shall be in the way.
      if (attempt > 1 || step === 'unhide') await endReaders({ client, environment }, plan);
      const act = () =>
        withAdvisoryLock(client, `rubicon ddl ${environment.target}`, async () => {
          await failPoint(`${step}: before`);
          const value = await work(client);
          await failPoint(`${step}: after`);
          return value;
        });
      let locked = await act();
      if (!locked.locked && locked.holder && earlier.includes(locked.holder.application ?? '')) {
        await endSession(client, locked.holder); // its connection broke, which the server has not noticed
        locked = await act();
      }
      if (locked.locked) return locked.value;
      const holder = `session ${locked.holder?.pid ?? '?'} at work`;
      throw new PostgresError(`expected no other change of this target's schema, found ${holder}`, {
        reaction: 'retry',
      });
    });
  } finally {
    await postgres.close();
  }
}

/** Ends sessions of ours that keep the tables locked: what is left of a dead step, or a reading that can be repeated. */
async function endReaders(
  { client, environment }: Omit<Session, 'signal'>,
  plan: Pick<Plan, 'removes'>,
): Promise<void> {
  const { target, name } = environment;
  const start = `rubicon ${target} ${name} `.slice(0, 63);
  for (const session of await findBlockers(client, await findLockable(client, possibleRelations(plan))))
    if (session.application?.startsWith(start)) await endSession(client, session);
}

/** The session of a migration tool that plans leave the schema to: so that what is left of it is found. */
export const toolSession = (environment: Environment): string => `${ddlPrefix(environment)}tool`;

/** Ends what a dead worker has left in the server: its statement could still win its lock. */
export const endLeftDdl = ({ client, environment }: Omit<Session, 'signal'>): Promise<void> =>
  endSessionsOf(client, ddlPrefix(environment));

async function endSessionsOf(client: PostgresClient, prefix: string): Promise<void> {
  for (const left of await findSessionsStarting(client, prefix)) await endSession(client, left);
}
