import type { PostgresClient } from '../postgres/postgres';

/** With what settings a session of this role begins in this database, and how many of them there may be. */
export interface SessionDefaults {
  /** The role that has logged in; quoted where needed. */
  role: string;
  /** Quoted where needed. */
  database: string;
  /** By name, as at the start of the session; null = this server has no such setting, or this role may not see it. */
  settings: Record<string, string | null>;
  /** Of these: which come from the connection itself (the URL's `options`, PGOPTIONS). */
  fromConnection: string[];
  /** Most sessions of the role at once; null = no limit, or a superuser, for whom there is none. */
  roleLimit: number | null;
  /** Most sessions of the database at once; null likewise. */
  databaseLimit: number | null;
  /** All sessions in the database now, this one among them. */
  databaseSessions: number;
  /** ISO; null = the password does not expire. */
  passwordUntil: string | null;
}

/** `reset_val` is what the session began with, whatever we have set since. */
const settingsNow = `
  select s.name, s.reset_val as value, s.source = 'client' as "fromConnection"
    from pg_settings s where s.name = any ($1::text[])`;

const limits = `
  select quote_ident(r.rolname) as role, quote_ident(d.datname) as database,
         case when r.rolconnlimit >= 0 and not r.rolsuper then r.rolconnlimit end as "roleLimit",
         case when d.datconnlimit >= 0 and not r.rolsuper then d.datconnlimit end as "databaseLimit",
         (select numbackends from pg_stat_database a where a.datid = d.oid) as "databaseSessions",
         case when r.rolvaliduntil < 'infinity' then to_json(r.rolvaliduntil) #>> '{}' end as "passwordUntil"
    from pg_roles r, pg_database d where r.rolname = session_user and d.datname = current_database()`;

/**
 * @param names of settings; those with a dot belong to a library and are there once it is loaded
 * @throws Error if the role or the database is gone; PostgresError
 */
export async function readSessionDefaults(client: PostgresClient, names: readonly string[]): Promise<SessionDefaults> {
  type Row = { name: string; value: string | null; fromConnection: boolean };
  const { rows } = await client.query<Row>(settingsNow, [names]);
  const [limit] = (await client.query<Omit<SessionDefaults, 'settings' | 'fromConnection'>>(limits)).rows;
  if (limit === undefined) throw new Error('expected the role of this session in pg_roles, found none');
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  return {
    ...limit,
    settings: Object.fromEntries(names.map((name) => [name, values.get(name) ?? null])),
    fromConnection: rows.filter(({ fromConnection }) => fromConnection).map(({ name }) => name),
  };
}
