import type { PostgresClient } from '../../adapters/postgres/postgres';
import { withDatabase } from '../environment/database';
import type { Environment } from '../environment/environment';
import type { Session } from '../environment/session';
import { servingRelease } from '../actions/serving';

/** What a new plan says of staging whatever it removes. */
export interface Surroundings {
  /** Alembic's. Absent = no table of that name, or not one row in it. */
  revision?: string;
  /** That serves now. Absent = the application did not say. */
  release?: string;
}

/** Reads only. */
export async function lookAround({ client, environment }: Omit<Session, 'signal'>): Promise<Surroundings> {
  const revision = await revisionOf(client);
  const release = await servingRelease(environment, undefined);
  return { ...(revision !== undefined && { revision }), ...(release !== undefined && { release }) };
}

/** For a plan of which the database knows nothing. */
export const introspectSurroundings = (environment: Environment): Promise<Surroundings> =>
  withDatabase(environment, 'plan new', (client) => lookAround({ client, environment }));

async function revisionOf(client: PostgresClient): Promise<string | undefined> {
  const { rows: there } = await client.query(`select from pg_class where oid = to_regclass('alembic_version')`);
  if (there.length === 0) return undefined;
  const { rows } = await client.query<{ revision: string }>('select version_num as revision from alembic_version');
  return rows.length === 1 ? rows[0]?.revision : undefined;
}
