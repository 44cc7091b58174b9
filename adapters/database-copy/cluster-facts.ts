import type { PostgresClient } from '../postgres/postgres';

/** A role, without what lets it be anything else than itself on a copy: no superuser, no password. */
export interface RoleFacts {
  /** Unquoted, like every name here. */
  name: string;
  /** What its memberships do by default; before PostgreSQL 16 what all of them do. */
  inherit: boolean;
  createRole: boolean;
  createDatabase: boolean;
  bypassRowSecurity: boolean;
  /** As it is on the original; on a copy no role of it is one. */
  superuser: boolean;
}

/** That one role is a member of another one (PostgreSQL documentation, `pg_auth_members`). */
export interface MembershipFacts {
  /** The role that is granted. */
  role: string;
  /** The role that it is granted to. */
  member: string;
  /** The member may grant it to others. */
  admin: boolean;
  /** Null before PostgreSQL 16, where the member's own INHERIT decides. */
  inherit: boolean | null;
  /** The member may become it by SET ROLE. Null before PostgreSQL 16, where every member may. */
  set: boolean | null;
}

/** `kind` and `identity` as `ALTER … OWNER TO` takes them. */
export interface OwnedObject {
  kind: string;
  identity: string;
  owner: string;
}

/** A right as the catalogue has it, without its grantor. */
export interface Granted {
  /** Null: every role. */
  grantee: string | null;
  /** In capitals, such as `CONNECT`. */
  privilege: string;
  /** With grant option. */
  grantable: boolean;
}

/**
 * What a dump of one database does not hold, and what decides all the same what a role may do in it: roles and their
 * memberships, owners, settings of the database and of the worker's role, rights on database, tablespaces and parameters.
 */
export interface ClusterFacts {
  /** The role that the worker connects as. */
  worker: { name: string; superuser: boolean };
  /** Without the system's own (`pg_…`). */
  roles: RoleFacts[];
  /** Of members that are not the system's own. */
  memberships: MembershipFacts[];
  /** Of the current database; `rights` null = those of every new one. */
  database: { owner: string; rights: Granted[] | null };
  /** Settings of the database (`role` null), and of the worker's role in it or everywhere. */
  settings: { role: string | null; setting: string; value: string }[];
  /** Without the system's own; `rights` null = those of every new one. */
  tablespaces: { name: string; rights: Granted[] | null }[];
  /** `grant set on parameter`, since PostgreSQL 15. */
  parameters: (Granted & { parameter: string })[];
  /** Schemas first. */
  owned: OwnedObject[];
}

/** Reads the catalogue alone; every role may. */
export async function readClusterFacts(client: PostgresClient): Promise<ClusterFacts> {
  const one = async <T>(sql: string): Promise<T[]> => (await client.query<T>(sql)).rows;
  const [worker] = await one<ClusterFacts['worker']>(
    'select rolname as name, rolsuper as superuser from pg_roles where rolname = session_user',
  );
  const [database] = await one<ClusterFacts['database']>(
    `select pg_get_userbyid(datdba) as owner, ${rightsOf('datacl')} as rights from pg_database where datname = current_database()`,
  );
  if (worker === undefined || database === undefined)
    throw new Error('expected the rows of our own role and database in the catalogue, found none');
  return {
    ...{ worker, database },
    roles: await one(selectRoles),
    memberships: await one(selectMemberships),
    settings: await one(selectSettings),
    tablespaces: await one(
      `select spcname as name, ${rightsOf('spcacl')} as rights from pg_tablespace where spcname !~ '^pg_'`,
    ),
    parameters: await one<Granted & { parameter: string }>(await parametersOf(client)),
    owned: await one(selectOwned),
  };
}

const rightsOf = (acl: string): string =>
  `(select json_agg(json_build_object('grantee', g.rolname, 'privilege', a.privilege_type, 'grantable', a.is_grantable) order by 1)
      from aclexplode(${acl}) a left join pg_roles g on g.oid = a.grantee where ${acl} is not null)`;

const selectRoles = `select rolname as name, rolinherit as inherit, rolcreaterole as "createRole", rolcreatedb as "createDatabase",
    rolbypassrls as "bypassRowSecurity", rolsuper as superuser
  from pg_roles where rolname !~ '^pg_' order by 1`;

/** As JSON, since the columns differ by version. */
const selectMemberships = `select r.rolname as role, u.rolname as member, m.admin_option as admin,
    (to_jsonb(m) ->> 'inherit_option')::boolean as inherit, (to_jsonb(m) ->> 'set_option')::boolean as set
  from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles u on u.oid = m.member
 where u.rolname !~ '^pg_' order by 1, 2`;

/** What a library would have to be there for is left out: without it no one could connect. */
const selectSettings = `select r.rolname as role, split_part(c, '=', 1) as setting, substr(c, strpos(c, '=') + 1) as value
  from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) as c
 where (s.setdatabase = 0 or s.setdatabase = (select oid from pg_database where datname = current_database()))
   and (s.setrole = 0 or r.rolname = session_user) and split_part(c, '=', 1) !~ '_preload_libraries$'
 order by s.setdatabase, s.setrole`;

async function parametersOf(client: PostgresClient): Promise<string> {
  const { rows } = await client.query(`select from pg_class where oid = to_regclass('pg_catalog.pg_parameter_acl')`);
  if (rows.length === 0) return 'select where false';
  return `select p.parname as parameter, g.rolname as grantee, a.privilege_type as privilege, a.is_grantable as grantable
    from pg_parameter_acl p, aclexplode(p.paracl) a left join pg_roles g on g.oid = a.grantee order by 1, 2, 3`;
}

/**
 * Everything with an owner of its own. Left out: what belongs to an extension, and what follows another object (a sequence
 * of a column, the row type of a table, the array type of a type).
 */
const selectOwned = `
  with owned (class, id, owner) as (
    select 'pg_namespace'::regclass, oid, nspowner from pg_namespace where oid >= 16384 or nspname = 'public'
    union all select 'pg_class', oid, relowner from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not (
      relkind = 'S' and exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = pg_class.oid
                                   and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')))
    union all select 'pg_proc', oid, proowner from pg_proc
    union all select 'pg_type', t.oid, typowner from pg_type t left join pg_class c on c.oid = t.typrelid
       where typtype in ('b', 'c', 'd', 'e', 'r') and (typrelid = 0 or c.relkind = 'c')
         and not exists (select from pg_type e where e.typarray = t.oid)
    union all select 'pg_collation', oid, collowner from pg_collation
    union all select 'pg_conversion', oid, conowner from pg_conversion
    union all select 'pg_operator', oid, oprowner from pg_operator
    union all select 'pg_opclass', oid, opcowner from pg_opclass
    union all select 'pg_opfamily', oid, opfowner from pg_opfamily
    union all select 'pg_ts_config', oid, cfgowner from pg_ts_config
    union all select 'pg_ts_dict', oid, dictowner from pg_ts_dict
    union all select 'pg_statistic_ext', oid, stxowner from pg_statistic_ext)
  select case i.type when 'statistics object' then 'statistics' else i.type end as kind, i.identity, pg_get_userbyid(o.owner) as owner
    from owned o, pg_identify_object(o.class, o.id, 0) i
   where (o.id >= 16384 or (o.class = 'pg_namespace'::regclass and i.identity = 'public'))
     and coalesce(i.schema, '') !~ '^pg_(toast|temp)' and i.identity !~ '^pg_(toast|temp)'
     and not exists (select from pg_depend d where d.classid = o.class and d.objid = o.id and d.deptype = 'e')
   order by i.type = 'schema' desc, i.type, i.identity`;
