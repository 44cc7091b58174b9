import type { PostgresClient } from '../postgres/postgres';

/** Quoted names of the schemas in which extensions have put operators, such as those of `citext`; in one order. */
export async function schemasOfOperators(client: PostgresClient): Promise<string[]> {
  const { rows } = await client.query<{ schema: string }>(
    `select distinct quote_ident(n.nspname) as schema from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
      where ${ofExtension} order by 1`,
  );
  return rows.map(({ schema }) => schema);
}

/** Operators with these symbols in these schemas that no extension has brought: a comparison could mean one of them. */
export async function operatorsOfPeople(
  client: PostgresClient,
  symbols: readonly string[],
  schemas: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct o.oid::regoperator::text as name from pg_operator o join pg_namespace n on n.oid = o.oprnamespace
      where o.oprname = any ($1) and quote_ident(n.nspname) = any ($2) and n.nspname <> 'pg_catalog' and not ${ofExtension}
      order by 1`,
    [symbols, schemas],
  );
  return rows.map(({ name }) => name);
}

const ofExtension = `exists (select from pg_depend d where d.classid = 'pg_operator'::regclass and d.objid = o.oid and d.deptype = 'e')`;
