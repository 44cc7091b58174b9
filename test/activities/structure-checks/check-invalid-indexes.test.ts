import { checkRecoverable } from '../../../activities/structure-checks/check-recoverable';
import { checkInvalidIndexes } from '../../../activities/structure-checks/check-invalid-indexes';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import { captureColumn } from '../../../adapters/catalogue/catalogue';
import { obstacles } from '../../../contract/run/findings';
import { columnsOf } from '../../../contract/plan/removals';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query(`create schema "O s"; create table "O s"."T" (id int primary key, v text, w text);
    create index "I 1" on "O s"."T" (v); create index i2 on "O s"."T" (w);
    create table "O s".parts (id int, v text) partition by list (id); create table "O s".part1 partition of "O s".parts default;
    create index on only "O s".parts (v); alter table only "O s".parts add constraint once unique (id)`);
});
beforeEach(() => database.query(`update pg_index set indisvalid = false where indexrelid = '"O s"."I 1"'::regclass`));

const client = <T>(work: (client: PostgresClient) => Promise<T>): Promise<T> =>
  openPostgres({ url: database.url, applicationName: 'indexes' }).withClient(work);
const find = (table: string) => client((one) => checkInvalidIndexes(one, { schema: 'O s', table }));

test('an index whose building has failed is found for a table that goes, with both ways, which can be run as they stand', async () => {
  const [stop, ...more] = await find('T');
  expect(more).toEqual([]);
  expect(stop).toMatchObject({ check: 'index "O s"."I 1"', status: 'failed' });
  expect(stop?.remedy).toBe(
    '"drop index concurrently "O s"."I 1"", or "reindex index concurrently "O s"."I 1"", then start the rollout again',
  );
  await database.query('reindex index concurrently "O s"."I 1"');
  await expect(find('T')).resolves.toEqual([]);
  await expect(database.query(`select from pg_class where relname = 'I 1'`)).resolves.toHaveLength(1);
});

test('for a column only those that go with it are', async () => {
  const of = (name: string) =>
    client(async (one) => {
      const [column] = columnsOf({ removes: [{ column: `"O s"."T".${name}`, primaryKey: ['id'] }] });
      const capture = await captureColumn(one, column!, name);
      return obstacles(await checkRecoverable(one, { removal: column!, capture: capture! }, [name])).map(
        ({ check }) => check,
      );
    });
  await expect(of('v')).resolves.toEqual(['index "O s"."I 1"']);
  await expect(of('w')).resolves.toEqual([]);
});

test('those of a partitioned table, and those of its constraints, have ways of their own, which work', async () => {
  const ways = (await find('parts')).map(({ remedy }) => /"(.*)", then/.exec(remedy ?? '')?.[1] ?? '');
  expect(ways).toEqual(['alter table "O s".parts drop constraint once', 'drop index "O s".parts_v_idx']);
  for (const sql of ways) await database.query(sql);
  await expect(find('parts')).resolves.toEqual([]);
});
