import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';
import { withPlainNames } from '../postgres/search-path';

/** Something that an extension has brought, and owns. */
export interface ExtensionMember {
  /** `table`, `sequence`, `index` … */
  kind: string;
  /** As the server describes it, qualified. */
  name: string;
  /** Quoted where needed. */
  extension: string;
}

/** The table, and what goes with it or with its columns by itself: sequences, indexes, its row type. */
const members = `
  with recursive parts as (
    select 'pg_class'::regclass::oid as classid, c.oid as objid
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
    union
    select d.classid, d.objid from parts p join pg_depend d on d.refclassid = p.classid and d.refobjid = p.objid
     where d.deptype in ('a', 'i')
  )
  select distinct i.type as kind, i.identity as name, quote_ident(e.extname) as extension
    from parts p
    join pg_depend d on d.classid = p.classid and d.objid = p.objid and d.deptype = 'e'
    join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid,
         pg_identify_object(p.classid, p.objid, 0) i
   order by kind, name`;

/** What of a table, and of what hangs on it, an extension owns: it is in no dump, and can't be dropped without it. */
export const findExtensionMembers = (
  client: PostgresClient,
  { schema, table }: TableName,
): Promise<ExtensionMember[]> =>
  withPlainNames(client, async () => (await client.query<ExtensionMember>(members, [schema, table])).rows);
