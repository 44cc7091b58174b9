import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Finding } from '../../contract/run/findings';
import { parseTableName } from '../../contract/text/object-name';
import { placeOf } from '../../contract/plan/places';
import { removalsOf } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { qualifiedName } from '../../sql/identifier';

/** Connected roles, without our own sessions, that may set the revision `$1.$2` and alter a table of `$3` (text[]). */
const whoCould = `
 select distinct a.usename as role, coalesce(nullif(a.application_name, ''), 'no name') as application
   from pg_stat_activity a
  where a.datname = current_database() and a.usename is not null and a.pid <> pg_backend_pid()
    and a.application_name not like 'rubicon%'
    and exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = $1 and c.relname = $2 and has_table_privilege(a.usename, c.oid, 'update'))
    and exists (select from unnest($3::text[]) t where pg_has_role(a.usename, (select relowner from pg_class where oid = to_regclass(t)), 'usage'))
  order by 1, 2 limit 5`;

/**
 * An application whose entry point runs its migrations (`alembic upgrade head`) does ours by itself as soon as the new
 * release is deployed, with nobody's approval. That it may, its rights tell; that it does, the next step sees.
 */
export async function checkMigrators(
  client: PostgresClient,
  { removes, revision }: Pick<Plan, 'removes' | 'revision'>,
): Promise<Finding[]> {
  if (revision === undefined) return [];
  const { schema, table } = parseTableName(revision.table);
  const tables = removalsOf({ removes }).map((removal) => qualifiedName(placeOf(removal)));
  const { rows } = await client.query<{ role: string; application: string }>(whoCould, [schema, table, tables]);
  const check = 'who else migrates';
  const expected = `no connected role that may set ${revision.table} and alter the tables`;
  if (rows.length === 0) return [{ check, status: 'passed', expected, found: 'none' }];
  const found = rows.map(({ role, application }) => `${role} (${application})`).join(', ');
  const remedy =
    'look whether an entry point or a pipeline of the new release migrates by itself, and take that out, or the right away: it would drop without backup and approval';
  return [{ check, status: 'not covered', expected, found, remedy }];
}
