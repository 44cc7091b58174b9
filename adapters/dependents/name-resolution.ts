import type { PostgresClient } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import { withTransaction } from '../postgres/transaction';
import type { EvaluatedFunction } from './evaluated-functions';
import { statementsOf, type Token } from './source-tokens';

/**
 * Whether a function finds everything that it names under the search path of a restoration.
 *
 * - `found`: it does.
 * - `lost`: it does not, as the server says; with `path` it does.
 * - `perhaps`: its source has a name that only `path` leads to, in a language that the server looks into when it runs.
 * - `unknown`: it can't be tried.
 */
export type Resolution = { found: true } | { lost: 'lost' | 'perhaps'; path: string | undefined } | { unknown: string };

/** As `pg_restore`, and our own building, have it. */
const ownPath = 'pg_catalog, pg_temp';

/**
 * By trying: a function in SQL is analysed whole by the validator of its language, without being run, in a read-only
 * transaction that is rolled back. PL/pgSQL analyses a statement when it comes to it, so there the names are looked up.
 */
export async function resolve(client: PostgresClient, tried: EvaluatedFunction): Promise<Resolution> {
  if (tried.language === 'sql') return resolveSql(client, tried);
  if (tried.language === 'plpgsql') return resolveByNames(client, tried);
  return { unknown: `its language is ${tried.language}` };
}

async function resolveSql(client: PostgresClient, { oid }: EvaluatedFunction): Promise<Resolution> {
  const first = await analyse(client, oid, ownPath);
  if (first === 'fine') return { found: true };
  if (first !== 'lost') return { unknown: `its analysis was refused (${first})` };
  for (const path of await possiblePaths(client, oid))
    if ((await analyse(client, oid, path)) === 'fine') return { lost: 'lost', path };
  return { lost: 'lost', path: undefined };
}

/** No such function, operator, type, table, column, schema. */
const unresolved = ['42883', '42704', '42P01', '42703', '3F000', '42725', '42804'];

async function analyse(client: PostgresClient, oid: string, path: string): Promise<string> {
  try {
    await withTransaction(client, { readOnly: true, statementTimeoutMs: 5_000 }, async () => {
      await client.query(
        `select set_config('search_path', $1, true), set_config('check_function_bodies', 'on', true)`,
        [path],
      );
      await client.query('select pg_catalog.fmgr_sql_validator($1::pg_catalog.oid)', [oid]);
    });
    return 'fine';
  } catch (error) {
    if (!(error instanceof PostgresError) || error.sqlstate === undefined) throw error;
    return unresolved.includes(error.sqlstate) ? 'lost' : error.sqlstate;
  }
}

/** What the session sees, then the function's own schema, then both, then all that there are. */
async function possiblePaths(client: PostgresClient, oid: string): Promise<string[]> {
  const { rows } = await client.query<{ seen: string[]; own: string; all: string[] }>(
    `select array(select quote_ident(s) from unnest(current_schemas(false)) s) as seen,
            (select quote_ident(n.nspname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid = $1::oid) as own,
            array(select quote_ident(nspname) from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'rubicon')
                   order by nspname) as all`,
    [oid],
  );
  const { seen = [], own = '', all = [] } = rows[0] ?? {};
  const lists = [[own], seen, [own, ...seen], [own, ...all]];
  return [...new Set(lists.map((names) => [...new Set([...names, 'pg_temp'])].join(', ')))];
}

async function resolveByNames(client: PostgresClient, { source }: EvaluatedFunction): Promise<Resolution> {
  const statements = await statementsOf(source);
  if (statements === undefined) return { unknown: 'its source cannot be parsed' };
  const [functions, types, relations] = unqualified(statements.flat());
  const { rows } = await client.query<{ schema: string }>(
    `select distinct quote_ident(n.nspname) as schema from pg_namespace n
      where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'rubicon') and (
        exists (select from pg_proc p where p.pronamespace = n.oid and p.proname = any ($1::text[])
                   and not exists (select from pg_proc s where s.pronamespace = 'pg_catalog'::regnamespace and s.proname = p.proname))
        or exists (select from pg_type t where t.typnamespace = n.oid and t.typname = any ($2::text[])
                   and not exists (select from pg_type s where s.typnamespace = 'pg_catalog'::regnamespace and s.typname = t.typname))
        or exists (select from pg_class c where c.relnamespace = n.oid and c.relname = any ($3::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')))
      order by 1`,
    [functions, types, relations],
  );
  if (rows.length === 0) return { found: true };
  return { lost: 'perhaps', path: [...rows.map(({ schema }) => schema), 'pg_temp'].join(', ') };
}

/** Names without a schema: of what is called, of types, of tables. */
function unqualified(tokens: readonly Token[]): [string[], string[], string[]] {
  const at = (index: number): string => tokens[index]?.value ?? '';
  const names = tokens.flatMap(({ kind, value }, index) =>
    kind === 'name' && at(index - 1) !== '.' && at(index + 1) !== '.' ? [{ value, index }] : [],
  );
  const where = (isSo: (index: number) => boolean): string[] =>
    names.filter(({ index }) => isSo(index)).map(({ value }) => value);
  const declared = (index: number): boolean => tokens[index - 1]?.kind === 'name' && at(index + 1) !== '(';
  return [
    where((index) => at(index + 1) === '('),
    where((index) => at(index - 1) === '::' || at(index - 1) === 'as' || declared(index)),
    where((index) => ['from', 'join', 'into', 'update'].includes(at(index - 1))),
  ];
}
