import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Roles } from '../../sql/captured-catalogue';

/** The roles that are there, and the one of this session. */
export async function readRoles(client: PostgresClient): Promise<Roles> {
  const { rows } = await client.query<{ name: string; own: boolean }>(
    'select rolname as name, rolname = current_user as own from pg_roles',
  );
  return { names: new Set(rows.map(({ name }) => name)), own: rows.find(({ own }) => own)?.name ?? '' };
}
