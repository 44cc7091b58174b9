import { setTimeout as rest } from 'node:timers/promises';
import { openPostgres, type PostgresClient, type PostgresSettings } from '../postgres/postgres';

/** How long a session of a program that has ended may take to end itself. */
const endsWithinMs = 60_000;

/**
 * A text that is another one once any row of the database was written, or a table created: from the server's own counters,
 * which cost no look at the rows. Waits for the sessions of others to end, since they report what they did when they do. For
 * a database of our own: as superuser, and no one else starts a session there.
 */
export const rowMarks = (asSuperuser: PostgresSettings, signal?: AbortSignal): Promise<string> =>
  openPostgres(asSuperuser).withClient(async (client) => {
    const deadline = Date.now() + endsWithinMs;
    while (await areOthersThere(client)) {
      if (Date.now() > deadline)
        throw new Error(
          'expected all sessions of the restore to end within 60 s, found one still open; start the proof again',
        );
      await rest(10, undefined, { signal });
    }
    const { rows } = await client.query<{ marks: string }>(
      `select coalesce(string_agg(concat_ws(' ', oid, pg_relation_filenode(oid), pg_stat_get_tuples_inserted(oid),
                pg_stat_get_tuples_updated(oid), pg_stat_get_tuples_deleted(oid)), ', ' order by oid), '') as marks
         from pg_class where relkind = 'r' and oid >= 16384`,
    );
    return rows[0]?.marks ?? '';
  }, signal);

async function areOthersThere(client: PostgresClient): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                      and backend_type = 'client backend') as there`,
  );
  return rows[0]?.there === true;
}
