import type { PostgresClient } from '../postgres/postgres';

/** How often this server has read an index. Reads on a standby are counted there, and nowhere else. */
export interface IndexReads {
  /** Since {@link since}; null = `track_counts` is off. */
  scans: number | null;
  /** When the counting began, ISO; null = when the index was made, or not known. */
  since: string | null;
  /** ISO, since PostgreSQL 16; null = not known. */
  last: string | null;
}

const iso = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** By any of its names; undefined if there is none. Sessions tell what they have read once a second. */
export async function readIndexReads(
  client: PostgresClient,
  schema: string,
  names: readonly string[],
): Promise<IndexReads | undefined> {
  const { rows } = await client.query<IndexReads>(
    `select case when current_setting('track_counts') = 'on' then s.idx_scan::float8 end as scans,
            ${iso('d.stats_reset')} as since, ${iso(`(to_jsonb(s) ->> 'last_idx_scan')::timestamptz`)} as last
       from pg_stat_all_indexes s cross join pg_stat_database d
      where d.datname = current_database() and s.schemaname = $1 and s.indexrelname = any ($2::text[])`,
    [schema, names],
  );
  return rows[0];
}
