import { openPostgres, type PostgresClient, type PostgresSettings } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import type { Scratch } from '../scratch/scratch-postgres';
import { restricted } from '../scratch/server';

/** Name of the database that a backup is restored into. */
export const restoredName = 'rubicon_restored';

/** The database that a dump is restored into, by either role of the throw-away server. */
export interface EmptyDatabase {
  /** For the catalogue alone, never for code of the dump. */
  asSuperuser: PostgresSettings;
  /** Owns it. */
  restricted: PostgresSettings;
}

/**
 * Creates an empty database with the encoding of the dumped one, and its locale where this machine has it; otherwise
 * with one that treats characters alike. Rows are compared byte by byte, so only what the server computes from them
 * (a generated column in lower case) can come out differently.
 *
 * @param statement `CREATE DATABASE …` as the archive has it; undefined if it has none
 */
export async function createLike(scratch: Scratch, statement: string | undefined): Promise<EmptyDatabase> {
  const options = optionsOf(statement ?? '');
  const encoding = options.find((option) => option.startsWith('ENCODING')) ?? `ENCODING = 'UTF8'`;
  const choices = [options.join(' '), `${encoding} LOCALE = 'C.UTF-8'`, `${encoding} LOCALE = 'C'`];
  await openPostgres(scratch.connection('postgres')).withClient(async (client) => {
    await client.query(`drop database if exists ${restoredName} with (force)`); // of an earlier restoration
    await createFirst(client, choices);
    await client.query(`alter database ${restoredName} owner to ${restricted}`);
  });
  return { asSuperuser: scratch.connection(restoredName), restricted: scratch.restricted(restoredName) };
}

async function createFirst(client: PostgresClient, choices: readonly string[]): Promise<void> {
  let refusal: unknown;
  for (const options of choices) {
    try {
      return void (await client.query(`create database ${restoredName} template template0 ${options}`));
    } catch (error) {
      if (!(error instanceof PostgresError) || error.sqlstate === undefined) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** Only what decides about characters: owner and tablespace are of the other server. */
function optionsOf(statement: string): string[] {
  const [, options = ''] = / WITH TEMPLATE = template0 (.*);\s*$/s.exec(statement) ?? [];
  const known = 'ENCODING|LOCALE_PROVIDER|LOCALE|LC_COLLATE|LC_CTYPE|ICU_LOCALE|ICU_RULES|BUILTIN_LOCALE';
  const values = options.matchAll(new RegExp(`(?<=^| )(?:${known}) = (?:'(?:[^'\\\\]|'')*'|\\w+)`, 'g'));
  return [...values].map(([option]) => option);
}

/** What a superuser has made for the other role, which makes all the rest, and owns it. */
export async function handOver(client: PostgresClient): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(
    `select quote_ident(nspname) as schema from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')`,
  );
  for (const { schema } of rows) await client.query(`alter schema ${schema} owner to ${restricted}`);
  await grantExtensionTables(client);
}

/** Rows of an extension's own tables are in a dump, too. */
async function grantExtensionTables(client: PostgresClient): Promise<void> {
  const { rows } = await client.query<{ name: string; kind: string }>(
    `select c.oid::regclass::text as name, case c.relkind when 'S' then 'sequence' else 'table' end as kind
       from pg_depend d join pg_class c on c.oid = d.objid and d.classid = 'pg_class'::regclass
      where d.deptype = 'e' and c.relkind in ('r', 'p', 'S')`,
  );
  for (const { name: relation, kind } of rows) await client.query(`grant all on ${kind} ${relation} to ${restricted}`);
}

/** Those of the extensions that can really be created here; being listed is not enough for those that must be preloaded. */
export async function usableExtensions(client: PostgresClient, names: readonly string[]): Promise<Set<string>> {
  const usable = new Set<string>();
  for (const extension of names) {
    await client.query('begin');
    try {
      await client.query(`create extension if not exists "${extension.replaceAll('"', '""')}" cascade`);
      usable.add(extension);
    } catch (error) {
      if (!(error instanceof PostgresError) || error.sqlstate === undefined) throw error;
    } finally {
      await client.query('rollback').catch(() => undefined);
    }
  }
  return usable;
}
