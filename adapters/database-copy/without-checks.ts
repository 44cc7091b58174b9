import { openPostgres, type PostgresSettings } from '../postgres/postgres';

/**
 * Lets rows into the tables of a throw-away database that their constraints would refuse by now: a CHECK that looks at the
 * clock, or calls a function, held when the row was written; a NOT NULL that is not valid (PostgreSQL 18) need not hold for it.
 * The server reads a table's checks only where `relchecks` says that there are any, and looks for nulls only where `attnotnull`
 * says so: both are taken back meanwhile, and the constraints themselves stay as they are.
 *
 * @param superuser of the throw-away server: no one else may write to the catalogue, and no one should elsewhere
 */
export async function withoutChecks<T>(superuser: PostgresSettings, load: () => Promise<T>): Promise<T> {
  const { checked, needed } = await openPostgres(superuser).withClient(async (client) => {
    const checks = await client.query<{ id: string; checks: number }>(
      'select oid::text as id, relchecks as checks from pg_class where relchecks > 0 and oid >= 16384',
    );
    await client.query('update pg_class set relchecks = 0 where relchecks > 0 and oid >= 16384');
    const nulls = await client.query<{ table: string; column: number }>(
      `update pg_attribute a set attnotnull = false from pg_constraint k
        where k.contype = 'n' and not k.convalidated and a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attnotnull
       returning a.attrelid::text as table, a.attnum as column`,
    );
    return { checked: checks.rows, needed: nulls.rows };
  });
  const value = await load();
  await openPostgres(superuser).withClient(async (client) => {
    await client.query(
      'update pg_class c set relchecks = t.checks from unnest($1::oid[], $2::int2[]) as t (id, checks) where c.oid = t.id',
      [checked.map(({ id }) => id), checked.map(({ checks }) => checks)],
    );
    await client.query(
      `update pg_attribute a set attnotnull = true from unnest($1::oid[], $2::int2[]) as t (id, number)
        where a.attrelid = t.id and a.attnum = t.number`,
      [needed.map(({ table }) => table), needed.map(({ column }) => column)],
    );
  });
  return value;
}
