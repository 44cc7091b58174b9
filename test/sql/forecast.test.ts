import fc from 'fast-check';
import { fillColumns } from '../../activities/rollback/fill-columns';
import { openPostgres, type PostgresClient } from '../../adapters/postgres/postgres';
import { removalsOfKind } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { forecastFill } from '../../sql/fill';
import { createSavedValueTable } from '../../sql/saved-values/known-keys';
import { countPlaceholders } from '../../sql/saved-values/placeholder-statements';
import { isReplaced } from '../../sql/saved-values/kept-by';
import { createDatabase, type TestDatabase } from '../support/servers/servers';

// What approvers are told before a rollback is what its fill then does: two texts of SQL, held against each other.

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const plan: Pick<Plan, 'removes'> = { removes: [{ column: 'entries.v', replacedBy: 'hash' }] };
const never = new AbortController().signal;

const hash = fc.integer({ min: 0, max: 9 }).map((n) => `hash ${n}`);
const cases = fc.record({
  /** Of each row; null: it never had a value. */
  rows: fc.array(fc.option(hash), { maxLength: 60 }),
  /** Hash and length of the value that is known for it; some are longer than the column takes. */
  known: fc.uniqueArray(fc.tuple(hash, fc.integer({ min: 1, max: 70 })), { selector: ([of]) => of }),
  type: fc.constantFrom('text', 'character varying', 'character varying(60)', 'character(60)'),
});

async function load(client: PostgresClient, known: [string, number][]): Promise<void> {
  await client.query('drop table if exists rubicon_keys');
  await client.query(createSavedValueTable.sql);
  const [hashes, lengths] = [known.map(([of]) => of), known.map(([, length]) => length)];
  const insert = `insert into rubicon_keys (hash, key) select hash, repeat('x', length) from unnest($1::text[], $2::int[]) as k (hash, length)`;
  await client.query(insert, [hashes, lengths]);
}

async function seed(client: PostgresClient, type: string, rows: readonly (string | null)[]): Promise<void> {
  await client.query('drop table if exists entries');
  await client.query('create table entries (id int generated always as identity primary key, hash text, v text)');
  await client.query(`alter table entries alter v type ${type}`);
  await client.query('insert into entries (hash) select * from unnest($1::text[])', [rows]);
}

test('of any rows and any known values, as many rows get one, and as many are lost, as was forecast', async () => {
  await openPostgres({ url: database.url, applicationName: 'test' }).withClient(async (client) => {
    const property = fc.asyncProperty(cases, async ({ rows, known, type }) => {
      await seed(client, type, rows);
      await load(client, known);
      const [removal] = removalsOfKind(plan, 'column');
      if (removal === undefined || !isReplaced(removal)) throw new Error('expected a column that is replaced');
      const forecast = await client.query<{ restorableRows: number; lostRows: number }>(
        forecastFill([{ ...removal, type }]),
      );
      const filled = await fillColumns({ client, signal: never }, plan);
      const placeholders = await client.query<{ count: number }>(countPlaceholders(removal));
      expect({ restorableRows: filled, lostRows: placeholders.rows[0]?.count }).toEqual({
        restorableRows: forecast.rows[0]?.restorableRows,
        lostRows: forecast.rows[0]?.lostRows,
      });
    });
    await fc.assert(property, { numRuns: 40 });
  });
});
