import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import type { FuzzServer } from './server';

/** Everything of a database that must be equal after the way there and back: by name, as text. */
export type Snapshot = Map<string, string>;

const run = promisify(execFile);

/** Definitions as `pg_dump` writes them, rights by role and grantor, rows, sequences, and marks that a dump leaves out. */
export async function takeSnapshot(server: FuzzServer, database: string, client: Client): Promise<Snapshot> {
  const [dump, looked] = [await dumpOf(server, database), await lookAt(client)];
  return new Map([...blocksOf(dump), ...looked]);
}

async function dumpOf(server: FuzzServer, database: string): Promise<string> {
  const args = ['--schema-only', '--exclude-schema=rubicon', '--no-sync', `--dbname=${server.urlOf(database)}`];
  const { stdout } = await run(join(server.binFolder, 'pg_dump'), args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

const heading = /^--\n-- Name: ([^]*?); Type: ([A-Z ]+); Schema: ([^]*?); Owner: ([^\n]*)\n--\n/;

/** One entry an object, so that the order in which a dump names them says nothing: it follows from internal numbers. */
function blocksOf(dump: string): [string, string][] {
  const seen = new Map<string, string>();
  for (const block of dump.split(/\n(?=--\n-- Name: )/)) {
    const found = heading.exec(block);
    if (found === null) continue; // settings of the session that restores
    const [whole, name = '', type = '', schema = '', owner = ''] = found;
    const text = block
      .slice(whole.length)
      .split('\n')
      .filter(
        (line) =>
          !/^(?:SET default_\w+ = .*;|SELECT pg_catalog.set_config.*|\\(?:un)?restrict .*|-- PostgreSQL database dump complete|--|)$/.test(
            line,
          ),
      );
    const key = `${type} ${schema}.${name}`;
    seen.set(key, [...(seen.has(key) ? [seen.get(key)] : []), `owner ${owner}`, ...text].join('\n'));
  }
  return [...seen];
}

const ours = `n.nspname <> 'rubicon' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'`;

/** Values as text are read in one way, whatever the database's own settings are. */
const settings = `set search_path = pg_catalog; set timezone = 'UTC'; set extra_float_digits = 1; set intervalstyle = 'postgres';
  set bytea_output = 'hex'; set datestyle = 'ISO'; set standard_conforming_strings = on; set statement_timeout = 0`;

async function lookAt(client: Client): Promise<[string, string][]> {
  await client.query(settings);
  const entries: [string, string][] = [];
  for (const sql of [rights, marks]) {
    const { rows } = await client.query<{ key: string; text: string }>(sql);
    entries.push(...rows.map(({ key, text }): [string, string] => [key, text]));
  }
  return [...entries, ...(await takeRows(client))];
}

/** Rows and sequences alone. */
export async function takeRows(client: Client): Promise<[string, string][]> {
  await client.query(settings);
  const entries: [string, string][] = [];
  for (const { key, sql } of (await client.query<{ key: string; sql: string }>(readers)).rows) {
    const { rows } = await client.query<{ text: string }>(sql);
    entries.push([key, rows[0]?.text ?? '']);
  }
  return entries;
}

/** Of tables, columns and sequences, each with its grantor; the owner's own rights only where they are not all. */
const rights = `
  select format('right on %s.%s%s', n.nspname, c.relname, '') as key,
         string_agg(format('%s: %s by %s%s', g.grantee::regrole, g.privilege_type, g.grantor::regrole, case when g.is_grantable then ' (may grant)' end), E'\\n'
                    order by g.grantee::regrole::text, g.privilege_type, g.grantor::regrole::text) as text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace,
         aclexplode(coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))) g
   where ${ours} and c.relkind in ('r', 'p', 'v', 'm', 'S') group by n.nspname, c.relname
  union all
  select format('right on %s.%s(%s)', n.nspname, c.relname, a.attname),
         string_agg(format('%s: %s by %s%s', g.grantee::regrole, g.privilege_type, g.grantor::regrole, case when g.is_grantable then ' (may grant)' end), E'\\n'
                    order by g.grantee::regrole::text, g.privilege_type, g.grantor::regrole::text)
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace, aclexplode(a.attacl) g
   where ${ours} and not a.attisdropped group by n.nspname, c.relname, a.attname`;

/** What a dump does not say of an index or a table. */
const marks = `
  select format('index %s.%s', n.nspname, c.relname) as key,
         format('valid %s, ready %s, clustered %s, replica identity %s, tablespace %s', i.indisvalid, i.indisready, i.indisclustered, i.indisreplident, c.reltablespace) as text
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace where ${ours}
  union all
  select format('table %s.%s', n.nspname, c.relname),
         format('persistence %s, tablespace %s, row security %s %s, populated %s', c.relpersistence, c.reltablespace, c.relrowsecurity, c.relforcerowsecurity, c.relispopulated)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind in ('r', 'p', 'm')`;

/**
 * Statements that read each table and each sequence. Rows in no order, columns by their names: sha256 over the sorted
 * hashes of all rows as text.
 */
const readers = `
  select format('rows of %s.%s', n.nspname, c.relname) as key,
         format('select count(*) || '' rows, '' || encode(sha256(coalesce(string_agg(row_hash, ''''::bytea order by row_hash), '''')), ''hex'') as text from (select sha256(convert_to(json_build_array(%s)::text, ''UTF8'')) as row_hash from only %I.%I as t) as hashed',
                (select string_agg(format('%L, t.%I::text', a.attname, a.attname), ', ' order by a.attname)
                   from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), n.nspname, c.relname) as sql
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where ${ours} and (c.relkind = 'r' or c.relkind = 'm' and c.relispopulated)
  union all
  select format('sequence %s.%s', n.nspname, c.relname),
         format('select format(''at %%s, called %%s'', last_value, is_called) as text from %I.%I', n.nspname, c.relname)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind = 'S'`;
