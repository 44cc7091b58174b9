import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { dumpScope } from '../../../adapters/dump/dump-scope';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { captureTable } from '../../../adapters/catalogue/table-definition';
import { toolConnection } from '../../../adapters/postgres/tool-connection';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { quoteIdentifier } from '../../../sql/identifier';
import { moreNames, oddNames } from '../../support/inputs/odd-names';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

const toolsFolder = findPostgresFolder();
const names = [...oddNames, ...moreNames, 'a*', 'ab', 'a?', 'a.*', '*'];

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query('create schema "S*.?"');
  for (const schema of ['public', '"S*.?"'])
    for (const name of names)
      await database.query(`create table ${schema}.${quoteIdentifier(name)} as select 1 as one`);
});

const connection = () => ({ url: database.url, applicationName: 'test of the scope' });

/** By what `pg_dump` makes of it: the rows that are in a dump. */
async function dumped(tables: { schema: string; table: string }[]): Promise<number> {
  const scope = await openPostgres(connection()).withClient((client) => dumpScope(client, tables));
  const out = execFileSync(path.join(toolsFolder, 'pg_dump'), ['--data-only', ...scope], {
    env: toolConnection(connection(), 'test of the scope'),
    encoding: 'utf8',
  });
  return out.match(/^COPY /gm)?.length ?? 0;
}

test.each(['a*', '*', 'a?', 'a.*'])('a table named %j is meant alone', async (table) => {
  await expect(dumped([{ schema: 'public', table }])).resolves.toBe(1);
  await expect(dumped([{ schema: 'S*.?', table }])).resolves.toBe(1);
});

test('every name can be left out, and every name can be meant', async () => {
  const all = ['public', 'S*.?'].flatMap((schema) => names.map((table) => ({ schema, table })));
  const half = all.filter((_, index) => index % 2 === 0);
  await expect(dumped(half)).resolves.toBe(half.length);
  await expect(dumped(all)).resolves.toBe(all.length);
});

test('a table whose name and comment are written in another encoding is defined as it is', async () => {
  const name = `${database.name}_latin1`;
  await database.query(`create database ${name} template template0 encoding 'LATIN1' locale 'C'`);
  const url = database.url.replace(database.name, name);
  await openPostgres({ ...connection(), url }).withClient(async (client) => {
    await client.query('create table "Größe" ("Maß" int)');
    await client.query(`comment on table "Größe" is 'wie groß'`);
  });
  const found = await captureTable(
    { connection: { ...connection(), url }, toolsFolder },
    { schema: 'public', table: 'Größe' },
  );
  expect(found?.before).toContain('"Maß" integer');
  expect(found?.before).toContain(`IS 'wie groß';`);
});
