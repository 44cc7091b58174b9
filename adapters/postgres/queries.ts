import { performance } from 'node:perf_hooks';
import type { PostgresClient } from './postgres';
import type { TableName } from './sql-name';
import { joinTransaction } from './transaction';

/** How long a query took, the round trip included. */
export interface QueryTiming {
  /** Executions. 0 = nothing was measured. */
  sampleCount: number;
  /** Executions that found a row: a query that matches nothing is twice as fast as a real one. */
  matchedCount: number;
  /** To a thousandth; null = nothing was measured. So are the others. */
  p50Ms: number | null;
  p95Ms: number | null;
  maxMs: number | null;
}

/**
 * Runs a select with `$1` for real values, one after the other, and times the round trips. The values stay in here. Joins a
 * transaction that is open.
 */
export async function timeQuery(client: PostgresClient, sql: string, values: readonly string[]): Promise<QueryTiming> {
  const elapsed: number[] = [];
  let matchedCount = 0;
  await joinTransaction(client, { readOnly: true }, async () => {
    for (const value of values) {
      const before = performance.now();
      const { rowCount } = await client.query(sql, [value]);
      elapsed.push(performance.now() - before);
      if (rowCount > 0) matchedCount += 1;
    }
  });
  elapsed.sort((a, b) => a - b);
  return {
    sampleCount: values.length,
    matchedCount,
    p50Ms: percentile(elapsed, 0.5),
    p95Ms: percentile(elapsed, 0.95),
    maxMs: percentile(elapsed, 1),
  };
}

/** Nearest rank: a time that was really measured. */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}

/** How often an index was used. */
export interface IndexActivity {
  /** Unquoted. */
  index: string;
  /** Since the statistics were reset (PostgreSQL documentation, `pg_stat_all_indexes`). */
  scanCount: number;
  /** ISO. Null: never since the statistics were reset, or the server is older than 16 and does not know. */
  lastScanAt: string | null;
}

/** How often each index of the table was used since the statistics were reset; by name. */
export async function readIndexActivity(
  client: PostgresClient,
  { schema, table }: TableName,
): Promise<IndexActivity[]> {
  const { rows } = await client.query<IndexActivity>(
    `select indexrelname as index, idx_scan::float8 as "scanCount",
            replace(to_json(s) ->> 'last_idx_scan', '+00:00', 'Z') as "lastScanAt"
       from pg_stat_user_indexes s where schemaname = $1 and relname = $2 order by indexrelname`,
    [schema, table],
  );
  return rows;
}
