import { openPostgres } from '../../../adapters/postgres/postgres';
import { captureColumn, type ColumnCapture } from '../../../adapters/catalogue/catalogue';
import { fingerprintTables, listTables, type TableFingerprint } from '../../../adapters/rows/fingerprint';
import { captureTables, type TableCapture } from '../../../adapters/catalogue/structure';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { columnsOf } from '../../../contract/plan/removals';
import { quoteLiteral } from '../../../sql/identifier';
import { samplePlan } from '../stages/sample-database';
import type { TestDatabase } from '../servers/servers';

/** Everything that a step could have changed: structure and rows of all tables, state rows and challenges included. */
export interface DatabaseState {
  structure: TableCapture[];
  rows: TableFingerprint[];
}

export const readState = (database: Pick<TestDatabase, 'url'>): Promise<DatabaseState> =>
  look(database, async (client) => ({
    structure: await captureTables(client),
    rows: await fingerprintTables(client, await listTables(client)),
  }));

/** Without the rows that say since when something was hidden. */
export const besidesTrials = ({ structure, rows }: DatabaseState): DatabaseState => ({
  structure,
  rows: rows.filter(({ schema, table }) => `${schema}.${table}` !== 'rubicon.trial'),
});

/** The two columns as the catalogue has them; undefined where they are gone. */
export const captureColumns = (database: Pick<TestDatabase, 'url'>): Promise<(ColumnCapture | undefined)[]> =>
  look(database, (client) =>
    Promise.all(columnsOf(samplePlan).map((removal) => captureColumn(client, removal, removal.column))),
  );

/** Number and digest of the rows of all tables but ours, whatever the place of a column is: one that came back stands last. */
export async function valuesOf({ query }: Pick<TestDatabase, 'query'>): Promise<object[]> {
  const tables = await query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^pg_|^information|^rubicon'`,
  );
  const digests = tables.map(
    ({ name }) =>
      `select ${quoteLiteral(name)} as of, count(*)::int, md5(string_agg(to_jsonb(t)::text, ',' order by to_jsonb(t)::text))
         from ${name} t`,
  );
  return query(`${digests.join(' union all ')} order by 1`);
}

async function look<T>(
  { url }: Pick<TestDatabase, 'url'>,
  look: (client: Parameters<typeof captureTables>[0]) => Promise<T>,
): Promise<T> {
  const postgres = openPostgres({ url, applicationName: 'rubicon test state' });
  try {
    return await postgres.withClient((client) =>
      withTransaction(client, { isolation: 'repeatable read', readOnly: true }, () => look(client)),
    );
  } finally {
    await postgres.close();
  }
}
