import { captureColumn, type ColumnCapture } from '../../adapters/catalogue/catalogue';
import { runStatements } from '../../adapters/postgres/statements';
import { captureTables } from '../../adapters/catalogue/structure';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { dropStatements } from '../../sql/drop';
import { hideStatements } from '../../sql/hide';
import { columnStatements, constraintStatements } from '../../sql/restore';
import { indexStatements } from '../../sql/restore-indexes';
import { revisionBack } from '../../sql/revision';
import { printStatements } from '../../sql/statement';
import {
  assistants,
  openSampleDatabase,
  samplePlan,
  sessions,
  type SampleDatabase,
} from '../support/stages/sample-database';

let database: SampleDatabase;
beforeEach(async () => (database = await openSampleDatabase('rubicon restore')));
afterEach(() => database.close());

const both = async (client: PostgresClient): Promise<ColumnCapture[]> => {
  const captured = [
    await captureColumn(client, assistants, 'owner_api_key'),
    await captureColumn(client, sessions, 'owner_api_key'),
  ];
  return captured.filter((column) => column !== undefined);
};

/** As the rollback does it, without the fill. */
async function restore(client: PostgresClient, captured: ColumnCapture[]): Promise<void> {
  await withTransaction(client, {}, () => runStatements(client, captured.flatMap(columnStatements)));
  for (const column of captured) {
    const present = await captureColumn(client, column, column.column);
    await runStatements(client, constraintStatements(column));
    await runStatements(client, indexStatements(column, present?.indexes ?? []));
  }
}

test('the restore of the first plan reads like this', async () => {
  const captured = await database.postgres.withClient(both);
  const statements = [
    ...captured.flatMap(columnStatements),
    ...captured.flatMap((column) => [...constraintStatements(column), ...indexStatements(column, [])]),
    revisionBack(samplePlan.revision),
  ];
  expect(printStatements(statements)).toBe(`\
-- public.assistants.owner_api_key as it was captured; empty, so the table is not rewritten
alter table public.assistants add column if not exists owner_api_key character varying(256);

-- Its comment
comment on column public.assistants.owner_api_key is 'Plaintext key of the owner, up to 256 characters';

-- public.sessions.owner_api_key as it was captured; empty, so the table is not rewritten
alter table public.sessions add column if not exists owner_api_key character varying(255);

-- Its comment
comment on column public.sessions.owner_api_key is 'Plaintext key of the owner; superseded by owner_api_key_hash';

-- A right on this column alone
grant update (owner_api_key) on public.sessions to agent_api_reports;

-- The index as it was captured, after the fill; writes are not blocked
CREATE INDEX CONCURRENTLY idx_assistants_owner_api_key ON public.assistants USING btree (owner_api_key) WHERE (owner_api_key IS NOT NULL);

-- The index as it was captured, after the fill; writes are not blocked
CREATE INDEX CONCURRENTLY idx_sessions_owner_api_key ON public.sessions USING btree (owner_api_key);

-- The old release and its migration tool find their own revision again
update public.alembic_version set version_num = '20260201_000006' where version_num = '20260208_000007'; -- exactly 1 row
`);
});

test('capture, drop, restore, capture: the same, and every other table untouched', async () => {
  await database.postgres.withClient(async (client) => {
    const [captured, structure] = [await both(client), await captureTables(client)];
    await withTransaction(client, {}, () =>
      runStatements(client, [...hideStatements(samplePlan), ...dropStatements(samplePlan)]),
    );
    await expect(both(client)).resolves.toEqual([]);
    await restore(client, captured);
    await runStatements(client, [revisionBack(samplePlan.revision)]);
    await expect(both(client)).resolves.toEqual(captured);
    await expect(captureTables(client)).resolves.toEqual(structure);
    await restore(client, captured); // again: nothing changes
    await expect(captureTables(client)).resolves.toEqual(structure);
  });
});

test('every setting of a column comes back', async () => {
  await database.query(`create schema "Odd"; create collation "Odd".german from "C";
    create table "Odd"."Table" (id int, "Key" varchar(90) collate "Odd".german not null default 'it''s' constraint "once" unique);
    alter table "Odd"."Table" alter "Key" set storage external, alter "Key" set statistics 500,
      alter "Key" set (n_distinct = -0.5, n_distinct_inherited = -0.1), alter "Key" set compression pglz;
    comment on column "Odd"."Table"."Key" is 'a \\ and a '' in it';
    grant select ("Key"), insert ("Key") on "Odd"."Table" to public;
    grant select ("Key") on "Odd"."Table" to agent_api_reports with grant option;
    create index by_expression on "Odd"."Table" (lower("Key"), id);
    create unique index includes on "Odd"."Table" (id) include ("Key") with (fillfactor = 70) where "Key" like 'a%';
    comment on index "Odd".includes is 'covering';
    alter table "Odd"."Table" cluster on by_expression, replica identity using index "once";
    insert into "Odd"."Table" values (1, 'a')`);
  await database.postgres.withClient(async (client) => {
    const captured = await captureColumn(client, { schema: 'Odd', table: 'Table' }, 'Key');
    const structure = await captureTables(client, [{ schema: 'Odd', table: 'Table' }]);
    await client.query('alter table "Odd"."Table" drop column "Key"');
    await withTransaction(client, {}, () => runStatements(client, columnStatements(captured!)));
    await expect(client.query('select "Key" from "Odd"."Table"')).resolves.toMatchObject({ rows: [{ Key: null }] });
    await client.query(`update "Odd"."Table" set "Key" = 'a'`);
    await runStatements(client, constraintStatements(captured!));
    await runStatements(client, indexStatements(captured!, []));
    await expect(captureColumn(client, { schema: 'Odd', table: 'Table' }, 'Key')).resolves.toEqual(captured);
    await expect(captureTables(client, [{ schema: 'Odd', table: 'Table' }])).resolves.toEqual(structure);
  });
});

test('a constraint comes back by its index, which is built while others write', async () => {
  await database.query(
    `create table t (id int, key text, constraint pair unique nulls not distinct (id, key) deferrable initially deferred)`,
  );
  await database.postgres.withClient(async (client) => {
    const place = { schema: 'public', table: 't' };
    const captured = await captureColumn(client, place, 'key');
    await client.query('alter table t drop column key');
    await runStatements(client, columnStatements(captured!));
    const statements = indexStatements(captured!, []);
    expect(statements.map(({ sql }) => sql)).toEqual([
      'CREATE UNIQUE INDEX CONCURRENTLY pair ON public.t USING btree (id, key) NULLS NOT DISTINCT',
      'alter table public.t add constraint pair UNIQUE using index pair deferrable initially deferred',
    ]);
    await runStatements(client, statements.slice(0, 1)); // killed here
    const present = await captureColumn(client, place, 'key');
    await runStatements(client, indexStatements(captured!, present!.indexes));
    await expect(captureColumn(client, place, 'key')).resolves.toEqual(captured);
  });
});

test('an index is built in its tablespace at once: moving it later would lock out everybody', async () => {
  const captured = await database.postgres.withClient((client) => captureColumn(client, sessions, 'owner_api_key'));
  const indexes = captured!.indexes.map((index) => ({ ...index, tablespace: 'fast disks' }));
  const statements = indexStatements({ ...captured!, indexes }, []).map(({ sql }) => sql);
  expect(statements).toEqual([
    'set default_tablespace = "fast disks"',
    expect.stringMatching(/^CREATE INDEX CONCURRENTLY /),
    'reset default_tablespace',
  ]);
});

describe('after a crash', () => {
  test('an index that was left invalid is built again', async () => {
    await database.query(`insert into sessions (title, owner_api_key) values ('a', 'k'), ('b', 'k')`);
    await database.query('drop index idx_sessions_owner_api_key');
    await database.postgres.withClient(async (client) => {
      await client
        .query('create unique index concurrently idx_sessions_owner_api_key on sessions (owner_api_key)')
        .catch(() => undefined); // two rows have the same key
      const left = await captureColumn(client, sessions, 'owner_api_key');
      expect(left?.indexes).toMatchObject([{ valid: false }]);
      await client.query(`delete from sessions where title = 'b'`);
      const wanted = { ...left!, indexes: left!.indexes.map((index) => ({ ...index, valid: true })) };
      await runStatements(client, indexStatements(wanted, left!.indexes));
      await expect(captureColumn(client, sessions, 'owner_api_key')).resolves.toEqual(wanted);
    });
  });

  test('NOT NULL that was half-way is finished', async () => {
    await database.query(`alter table sessions alter owner_api_key set not null`);
    await database.postgres.withClient(async (client) => {
      const captured = await captureColumn(client, sessions, 'owner_api_key');
      const structure = await captureTables(client);
      await client.query('alter table sessions drop column owner_api_key');
      await runStatements(client, columnStatements(captured!));
      await runStatements(client, constraintStatements(captured!).slice(0, 2)); // killed here
      await runStatements(client, constraintStatements(captured!));
      await runStatements(client, indexStatements(captured!, []));
      await expect(captureTables(client)).resolves.toEqual(structure);
    });
  });
});

test('an index of that name that is another one is not taken for it', async () => {
  const captured = await database.postgres.withClient((client) => captureColumn(client, sessions, 'owner_api_key'));
  const other = captured!.indexes.map((index) => ({ ...index, definition: 'CREATE INDEX on others' }));
  expect(() => indexStatements(captured!, other)).toThrow('found CREATE INDEX on others; drop or rename that index');
});

test('a generated column is for a person', async () => {
  await database.query('alter table sessions add twice text generated always as (title || title) stored');
  const captured = await database.postgres.withClient((client) => captureColumn(client, sessions, 'twice'));
  expect(() => columnStatements(captured!)).toThrow('found a generated one: public.sessions.twice; restore it by hand');
});
