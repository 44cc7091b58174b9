import { openPostgres, type PostgresClient, type PostgresSettings } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import { restricted } from '../scratch/server';
import type { ClusterFacts, Granted } from './cluster-facts';

/** Names quoted for SQL. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string =>
  text.includes('\\') ? `E'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'` : `'${text.replaceAll("'", "''")}'`;

/** Longest wait for the server to know a tablespace of its own folder; PostgreSQL 15 and newer have such. */
const inPlace = 'set allow_in_place_tablespaces = on';

/**
 * Makes the roles of another server on a throw-away one, each as it is but for two things: none is superuser, and none
 * but the worker may log in. Tablespaces are made inside the throw-away server's own folder.
 *
 * A worker that is superuser becomes a member of every role instead: its rights are not what is rehearsed then, and
 * {@link ClusterFacts.worker} says so.
 */
export async function layRoles(server: PostgresSettings, facts: ClusterFacts): Promise<void> {
  await openPostgres(server).withClient(async (client) => {
    const there = await namesOf(client, 'select rolname as name from pg_roles');
    for (const role of facts.roles) {
      if (there.has(role.name)) continue;
      const options = [
        role.inherit ? 'inherit' : 'noinherit',
        ...(role.createRole ? ['createrole'] : []),
        ...(role.createDatabase ? ['createdb'] : []),
        ...(role.bypassRowSecurity || (role.superuser && role.name === facts.worker.name) ? ['bypassrls'] : []),
        ...(role.name === facts.worker.name ? ['login'] : []),
      ];
      await client.query(`create role ${quoted(role.name)} ${options.join(' ')}`);
      there.add(role.name);
    }
    await layMemberships(client, facts, there);
    for (const { parameter, privilege, grantee, grantable } of facts.parameters)
      if (grantee === null || there.has(grantee))
        await client.query(
          `grant ${privilege} on parameter ${parameter} to ${granteeOf({ grantee })}${option(grantable)}`,
        );
    await layTablespaces(client, facts, there);
  });
}

async function layMemberships(client: PostgresClient, facts: ClusterFacts, there: Set<string>): Promise<void> {
  const { rows } = await client.query<{ modern: boolean }>(
    `select current_setting('server_version_num')::int >= 160000 as modern`,
  );
  const isModern = rows[0]?.modern === true;
  for (const { role, member, admin, inherit, set } of facts.memberships) {
    if (!there.has(role) || !there.has(member)) continue; // a system role of a newer server
    const options = isModern
      ? ` with admin ${admin}${inherit === null ? '' : `, inherit ${inherit}`}${set === null ? '' : `, set ${set}`}`
      : admin
        ? ' with admin option'
        : '';
    await client.query(`grant ${quoted(role)} to ${quoted(member)}${options}`);
  }
  if (!facts.worker.superuser) return;
  const worker = facts.worker.name;
  for (const { name } of facts.roles)
    if (name !== worker) await client.query(`grant ${quoted(name)} to ${quoted(worker)}`);
  await client.query(`grant pg_read_all_data, pg_monitor, pg_signal_backend to ${quoted(worker)}`);
  const settings = ['session_replication_role', 'deadlock_timeout'].join(', ');
  await client.query(`grant set on parameter ${settings} to ${quoted(worker)}`);
}

async function layTablespaces(client: PostgresClient, facts: ClusterFacts, there: Set<string>): Promise<void> {
  if (facts.tablespaces.length === 0) return;
  await client.query(inPlace);
  for (const { name, rights } of facts.tablespaces) {
    await client.query(`create tablespace ${quoted(name)} location ''`);
    await client.query(`grant create on tablespace ${quoted(name)} to ${restricted}`);
    for (const right of rights ?? [])
      if (right.grantee === null || there.has(right.grantee))
        await client.query(
          `grant ${right.privilege} on tablespace ${quoted(name)} to ${granteeOf(right)}${option(right.grantable)}`,
        );
  }
}

/**
 * Gives what was restored by the throw-away server's own role to its owners, and the database its owner, rights and
 * settings. Statements about owners run no code of the database.
 *
 * @returns what could not be given, in words
 */
export async function layOwners(database: PostgresSettings, name: string, facts: ClusterFacts): Promise<string[]> {
  return openPostgres(database).withClient(async (client) => {
    const lacks: string[] = [];
    const attempt = async (what: string, sql: string): Promise<void> => {
      try {
        await client.query(sql);
      } catch (error) {
        if (!(error instanceof PostgresError) || error.sqlstate === undefined) throw error;
        lacks.push(`${what} (${error.sqlstate})`);
      }
    };
    for (const { kind, identity, owner } of facts.owned)
      await attempt(`owner of ${kind} ${identity}`, `alter ${kind} ${identity} owner to ${quoted(owner)}`);
    const { owner, rights } = facts.database;
    await client.query(`alter database ${quoted(name)} owner to ${quoted(owner)}`);
    if (rights !== null) {
      await client.query(`revoke all on database ${quoted(name)} from public`);
      for (const right of rights)
        await client.query(
          `grant ${right.privilege} on database ${quoted(name)} to ${granteeOf(right)}${option(right.grantable)}`,
        );
    }
    for (const { role, setting, value } of facts.settings) {
      const whose = role === null ? `database ${quoted(name)}` : `role ${quoted(role)} in database ${quoted(name)}`;
      await attempt(`setting ${setting}`, `alter ${whose} set ${quoted(setting)} = ${valueOf(setting, value)}`);
    }
    return lacks;
  });
}

/** Lists stand in the catalogue as they are written; everything else is one value. */
const valueOf = (setting: string, value: string): string =>
  lists.has(setting) && value !== '' ? value : literal(value);

const lists = new Set(['search_path', 'temp_tablespaces', 'DateStyle', 'datestyle']);

const granteeOf = ({ grantee }: Pick<Granted, 'grantee'>): string => (grantee === null ? 'public' : quoted(grantee));

const option = (grantable: boolean): string => (grantable ? ' with grant option' : '');

async function namesOf(client: PostgresClient, sql: string): Promise<Set<string>> {
  return new Set((await client.query<{ name: string }>(sql)).rows.map(({ name }) => name));
}
