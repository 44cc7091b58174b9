import { Client } from 'pg';
import { checkEncoding } from '../../../activities/structure-checks/check-encoding';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { createDatabase } from '../../support/servers/servers';

/** A database of that encoding with one table, filled by a session that speaks it. */
async function inEncoding<T>(
  encoding: string,
  bytes: readonly string[],
  work: (look: () => Promise<Finding[]>, client: Client) => Promise<T>,
): Promise<T> {
  const admin = await createDatabase();
  const name = `${admin.name}_${encoding.toLowerCase()}`;
  await admin.query(`create database ${name} template template0 encoding '${encoding}' lc_collate 'C' lc_ctype 'C'`);
  const url = Object.assign(new URL(admin.url), { pathname: `/${name}` }).href;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    `create table t (id int primary key, "Name" text, tags text[], raw bytea); set client_encoding = '${encoding}'`,
  );
  for (const [id, text] of bytes.entries())
    await client.query(`insert into t values (${id}, E'planted ${text}', array[E'${text}'], '\\xff')`);
  await client.query(`set client_encoding = 'UTF8'`);
  const postgres = openPostgres({ url, applicationName: 'rubicon test' });
  const look = () => postgres.withClient((session) => checkEncoding(session, [{ schema: 'public', table: 't' }]));
  try {
    return await work(look, client);
  } finally {
    await postgres.close();
    await client.end();
    await admin.query(`drop database ${name}`);
    await admin.drop();
  }
}

test.each([
  ['UTF8', ['ö 日'], 'encoding of the database'],
  ['SQL_ASCII', ['\\xc3\\xb6', 'plain'], 'texts of t'],
  ['LATIN1', ['\\xe9'], 'texts of t'],
  ['WIN1252', ['\\x80 \\xe9'], 'texts of t'],
  ['EUC_JP', ['\\xc6\\xfc'], 'texts of t'],
])('a database in %s whose texts are readable as UTF-8 is passed', async (encoding, bytes, check) => {
  await inEncoding(encoding, bytes, async (look) => {
    await expect(look()).resolves.toMatchObject([
      { check, status: 'passed', found: expect.stringContaining(encoding) },
    ]);
  });
});

test('a value in SQL_ASCII that is no UTF-8 is named by its column, never shown, and readable once it was written anew', async () => {
  await inEncoding('SQL_ASCII', ['\\xc3\\xb6', 'caf\\xe9'], async (look, client) => {
    const stops = obstacles(await look());
    expect(stops.map(({ check }) => check)).toEqual(['text of t.Name', 'text of t.tags']);
    expect(stops[0]?.found).toMatch(
      /^at least one that can not, in a database with the encoding SQL_ASCII \(SQLSTATE 22021\)$/,
    );
    expect(JSON.stringify(stops)).not.toContain('planted');
    const anew = (c: string) => `convert_from(convert(convert_to(${c}, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'SQL_ASCII')`;
    await client.query(`update t set "Name" = ${anew('"Name"')}, tags = array[${anew('tags[1]')}] where id = 1`);
    await expect(look()).resolves.toMatchObject([{ check: 'texts of t', status: 'passed' }]);
    await expect(client.query('select tags from t where id = 1')).resolves.toMatchObject({
      rows: [{ tags: ['café'] }],
    });
  });
});

test('a character that UTF-8 has not is named, too', async () => {
  await inEncoding('WIN1252', ['\\x81'], async (look) => {
    expect(obstacles(await look())).toMatchObject([
      { check: 'text of t.Name', found: expect.stringMatching(/WIN1252 \(SQLSTATE 22P05\)$/) },
      { check: 'text of t.tags' },
    ]);
  });
});
