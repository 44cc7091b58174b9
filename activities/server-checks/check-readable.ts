import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readRoleName } from '../../adapters/server/role-name';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { byStatements } from '../environment/remedies';

/**
 * Whether this role may dump the database: `pg_dump` locks and reads every table and sequence, also those whose rows are
 * left out, and refuses where row security would hide rows. Otherwise it is the backup that fails, half an hour later.
 */
export async function checkReadable(client: PostgresClient): Promise<Finding> {
  const { rows } = await client.query<{ name: string; hidden: boolean }>(
    `select c.oid::regclass::text as name, row_security_active(c.oid) as hidden
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'S') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
        and not exists (select from pg_depend x where x.deptype = 'e' and x.classid = 'pg_class'::regclass and x.objid = c.oid)
        and (not has_schema_privilege(n.oid, 'usage') or not has_table_privilege(c.oid, 'select') or row_security_active(c.oid))
      order by c.oid::regclass::text`,
  );
  const role = await readRoleName(client);
  const hidden = rows.filter((row) => row.hidden);
  const shown = rows.slice(0, 5).map(({ name }) => name);
  const more = rows.length > shown.length ? ` and ${rows.length - shown.length} more` : '';
  return finding('right to read what is dumped', rows.length === 0, {
    expected: 'select on every table and sequence, and no row security in between',
    found: rows.length === 0 ? 'all of them' : `not on ${shown.join(', ')}${more}`,
    ...(hidden.length < rows.length
      ? byStatements([`grant pg_read_all_data to ${role}`], '')
      : byStatements([`alter role ${role} bypassrls`], 'row security hides rows of them')),
  });
}
