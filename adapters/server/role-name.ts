import type { PostgresClient } from '../postgres/postgres';

/** The role of this session, quoted where needed: who a right has to be granted to. */
export async function readRoleName(client: PostgresClient): Promise<string> {
  const { rows } = await client.query<{ role: string }>('select quote_ident(current_user) as role');
  return rows[0]?.role ?? 'current_user';
}
