import { permanent } from '../../contract/run/failures';
import { openPostgres } from '../../adapters/postgres/postgres';
import type { Postgres, PostgresClient } from '../../adapters/postgres/postgres';
import { readIdentity } from '../../adapters/server/identity';
import { loadGrammar } from '../../sql/statements/grammar';
import type { Environment } from './environment';
import type { Session } from './session';

/** One session of an environment's database, named so that a person finds it, closed afterwards. */
export const withDatabase = <T>(
  environment: Environment,
  step: string,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> => withSessions(environment, step, (postgres) => postgres.withClient(work));

/** The same until the signal, which ends whatever the session is at. */
export const withSession = <T>(
  { environment, signal }: Omit<Session, 'client'>,
  step: string,
  work: (session: Session) => Promise<T>,
): Promise<T> =>
  withSessions(environment, step, (postgres) =>
    postgres.withClient((client) => work({ client, environment, signal }), signal),
  );

/** The same for work that opens its sessions itself. Whatever a plan says in SQL can be parsed from then on. */
export async function withSessions<T>(
  { postgresUrl, target, name }: Environment,
  step: string,
  work: (postgres: Postgres) => Promise<T>,
): Promise<T> {
  await loadGrammar();
  const postgres = openPostgres({
    url: postgresUrl,
    applicationName: `rubicon ${target} ${name} ${step}`.slice(0, 63),
  });
  try {
    return await work(postgres);
  } finally {
    await postgres.close();
  }
}

/** Identifier of the server itself, for codes. @throws `WrongState` where the role may not read it */
export async function systemIdentifierOf(client: PostgresClient): Promise<string> {
  const { systemIdentifier } = await readIdentity(client);
  if (systemIdentifier !== null) return systemIdentifier;
  throw permanent(
    'WrongState',
    'expected to read the system identifier of production, found no right to pg_control_system(); grant execute on it to the role of the worker',
  );
}
