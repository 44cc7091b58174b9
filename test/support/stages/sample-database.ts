import { openPostgres, type Postgres } from '../../../adapters/postgres/postgres';
import { createSampleSchema } from '../../../dev/sample-data/schema';
import { createDatabase, type TestDatabase } from '../servers/servers';

export interface SampleDatabase extends TestDatabase {
  postgres: Postgres;
  close(): Promise<void>;
}

/** The sample application's empty tables in a database of the test's own, and the adapter that is tested on it. */
export async function openSampleDatabase(applicationName = 'rubicon test'): Promise<SampleDatabase> {
  const database = await createDatabase({ template: { name: 'sample_schema', fill: createSampleSchema } });
  const postgres = openPostgres({ url: database.url, applicationName });
  const close = async () => {
    await postgres.close();
    await database.drop();
  };
  return { ...database, postgres, close };
}

export const sessions = { schema: 'public', table: 'sessions' };
export const assistants = { schema: 'public', table: 'assistants' };

/** The proof of the first plan over two columns, as it is run. */
export const proofOf = (replacement: string, removed: string): string =>
  `(${replacement} OPERATOR(pg_catalog.=) pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${removed}, 'UTF8')), 'hex'))`;

/** The same for the two columns of the sample tables. */
export const sampleProof = proofOf('owner_api_key_hash', 'owner_api_key');

/** What the first plan says of the database. */
export const samplePlan = {
  removes: [
    { column: 'sessions.owner_api_key', replacedBy: 'owner_api_key_hash' },
    { column: 'assistants.owner_api_key', replacedBy: 'owner_api_key_hash' },
  ],
  revision: { table: 'alembic_version', from: '20260201_000006', to: '20260208_000007' },
  proof: `replacement = encode(sha256(convert_to(removed, 'UTF8')), 'hex')`,
};
