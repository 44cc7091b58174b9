import { openPostgres, type PostgresSettings } from '../postgres/postgres';

/** Where a sequence stands, and for which tables: as their own, or by a default of theirs. Names are quoted. */
export interface SequencePosition {
  /** Its last value, for comparing and for people. */
  at: string;
  /** Empty = no table. */
  usedBy: string[];
}

/** By the sequence's name, quoted; without our own. */
export async function readSequences(connection: PostgresSettings): Promise<Map<string, SequencePosition>> {
  return openPostgres(connection).withClient(async (client) => {
    const { rows } = await client.query<{ name: string; usedBy: string[] }>(selectSequences);
    const positions = new Map<string, SequencePosition>();
    for (let from = 0; from < rows.length; from += together) {
      const some = rows.slice(from, from + together);
      const { rows: found } = await client.query<{ place: number; at: string }>(
        some.map(({ name }, place) => selectPosition(name, place)).join(' union all '),
      );
      const at = new Map(found.map((each) => [each.place, each.at]));
      for (const [place, { name, usedBy }] of some.entries())
        positions.set(name, { at: at.get(place) ?? 'unknown', usedBy });
    }
    return positions;
  });
}

/** Sequences of one statement. */
const together = 50;

const selectPosition = (name: string, place: number): string =>
  `select ${place} as place, last_value || case when is_called then '' else ' (not used yet)' end as at from ${name}`;

const nameOf = (id: string): string =>
  `(select format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""'))
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = ${id})`;

const selectSequences = `
  select ${nameOf('s.oid')} as name, coalesce((
    select json_agg(distinct ${nameOf('t.id')}) from (
      select d.refobjid as id from pg_depend d
       where d.classid = 'pg_class'::regclass and d.objid = s.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
      union all
      select a.adrelid from pg_depend d join pg_attrdef a on a.oid = d.objid
       where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = s.oid) t), '[]') as "usedBy"
    from pg_class s where s.relkind = 'S' and s.relpersistence <> 't' and s.relnamespace::regnamespace::text <> 'rubicon' order by 1`;
