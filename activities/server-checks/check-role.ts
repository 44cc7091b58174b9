import type { PostgresClient } from '../../adapters/postgres/postgres';
import { finding, type Finding } from '../../contract/run/findings';

/** Roles of the server that may run programs or read and write files there, whatever a database says. */
const powers = ['pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'];

/**
 * Whether the worker's role could do more than anything here needs: a superuser passes every check of rights, so that none of
 * them says anything, and whatever gets past ours is the whole server's. `policy` is the settings': warn or block.
 */
export async function checkRole(client: PostgresClient, policy: 'warn' | 'block'): Promise<Finding> {
  const { rows } = await client.query<{ role: string; itself: boolean; superuser: boolean }>(
    `select r.rolname as role, r.rolname = current_user as itself, r.rolsuper as superuser
       from pg_roles r join pg_roles me on me.rolname = current_user
      where (r.rolsuper or r.rolname = any ($1)) and pg_has_role(me.oid, r.oid, 'member')
        and (not me.rolsuper or r.oid = me.oid) order by r.rolsuper desc, 1`,
    [powers],
  );
  const check = 'role of the worker';
  const found = rows.map(({ role, itself, superuser }) =>
    itself && superuser ? `${role}, a superuser` : `a member of ${role}${superuser ? ', a superuser' : ''}`,
  );
  const facts = {
    expected: 'a role that is no superuser, nor a member of one that is, or that may run programs or use files there',
    found: found.join('; ') || 'no such right',
    remedy:
      'have a database administrator make a role with what "npx rubicon doctor --install-sql … --role" prints, and name it in the URL of the settings',
  };
  if (found.length === 0 || policy === 'block') return finding(check, found.length === 0, facts);
  return { check, status: 'not covered', ...facts };
}
