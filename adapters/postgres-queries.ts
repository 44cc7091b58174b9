import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { PostgresClient } from './postgres';
import type { TableName } from './postgres-catalogue';
import { withTransaction } from './postgres-transaction';

/** A select with `$1`, and the column from which real values for it are drawn. */
export interface SampledQuery {
  sql: string;
  sample: TableName & { column: string };
}

/** A node of a query plan without conditions, since these quote the values. */
export interface PlanNode {
  node: string;
  relation?: string;
  index?: string;
  estimatedRows: number;
  children: PlanNode[];
}

export interface IndexUse {
  /** For a real value; null = the sample column holds none, so it could not be seen. */
  custom: PlanNode | null;
  /** For any value, as a prepared statement gets it after some executions. */
  generic: PlanNode;
  /** The index is in every plan that was seen. */
  used: boolean;
  /** The index is there with sequential scans discouraged: right for a small table, where a scan is cheaper. */
  usable: boolean;
}

/** Which plan the server makes for the query; runs nothing. */
export async function indexUsed(client: PostgresClient, query: SampledQuery, index: string): Promise<IndexUse> {
  const [value] = await drawSample(client, query.sample, 1);
  return withTransaction(client, { readOnly: true }, async () => {
    const generic = await explainGeneric(client, query.sql);
    const custom = value === undefined ? null : await explain(client, query.sql, [value]);
    await client.query('set local enable_seqscan = off');
    const cheapest =
      value === undefined ? await explainGeneric(client, query.sql) : await explain(client, query.sql, [value]);
    const seen = custom === null ? [generic] : [custom, generic];
    return { custom, generic, used: seen.every((plan) => names(plan, index)), usable: names(cheapest, index) };
  });
}

/** A generic plan does not depend on the value, so any will do. */
async function explainGeneric(client: PostgresClient, sql: string): Promise<PlanNode> {
  await client.query('set local plan_cache_mode = force_generic_plan');
  await client.query(`prepare rubicon_query as ${sql}`);
  const plan = await explain(client, 'execute rubicon_query(null)');
  await client.query('deallocate rubicon_query');
  return plan;
}

async function explain(client: PostgresClient, sql: string, parameters: string[] = []): Promise<PlanNode> {
  type Row = { 'QUERY PLAN': [{ Plan: RawNode }] };
  const { rows } = await client.query<Row>(`explain (format json) ${sql}`, parameters);
  return withoutValues(rows[0]!['QUERY PLAN'][0].Plan);
}

interface RawNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Plan Rows': number;
  Plans?: RawNode[];
}

function withoutValues(raw: RawNode): PlanNode {
  const relation = raw['Relation Name'];
  const index = raw['Index Name'];
  return {
    node: raw['Node Type'],
    ...(relation === undefined ? {} : { relation }),
    ...(index === undefined ? {} : { index }),
    estimatedRows: raw['Plan Rows'],
    children: (raw.Plans ?? []).map(withoutValues),
  };
}

const names = (plan: PlanNode, index: string): boolean =>
  plan.index === index || plan.children.some((child) => names(child, index));

export interface QueryTiming {
  /** Executions; fewer than asked for if the column has fewer distinct values. 0 = nothing was measured. */
  sampleCount: number;
  /** Executions that found a row: a query that matches nothing is twice as fast as a real one. */
  matchedCount: number;
  p50Ms: number | null;
  p95Ms: number | null;
  maxMs: number | null;
}

/** Runs the query for real values, one after the other, and times the round trips. The values stay in here. */
export async function timeQuery(client: PostgresClient, query: SampledQuery, sampleCount = 50): Promise<QueryTiming> {
  const values = await drawSample(client, query.sample, sampleCount);
  const elapsed: number[] = [];
  let matchedCount = 0;
  // Read only: the query is the plan's, and a select can call anything.
  await withTransaction(client, { readOnly: true }, async () => {
    for (const value of values) {
      const before = performance.now();
      const { rowCount } = await client.query(query.sql, [value]);
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

/** Distinct values from all over the table; pages are drawn by chance, so that a large table is not read whole. */
async function drawSample(
  client: PostgresClient,
  { schema, table, column }: SampledQuery['sample'],
  count: number,
): Promise<string[]> {
  const [name, from] = [pg.escapeIdentifier(column), `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`];
  const draw = async (source: string) => {
    const { rows } = await client.query<{ value: string }>(
      `select value from (select distinct ${name}::text as value from ${source} where ${name} is not null) drawn
        order by random() limit $1`,
      [count],
    );
    return rows.map(({ value }) => value);
  };
  const { rows } = await client.query<{ rowEstimate: number }>(
    `select greatest(reltuples, 0)::float8 as "rowEstimate" from pg_class where oid = $1::regclass`,
    [from],
  );
  // Twenty times as many rows as needed, since many share one value; small tables are read whole.
  const percent = (count * 20 * 100) / (rows[0]?.rowEstimate || 1);
  const drawn = percent < 50 ? await draw(`${from} tablesample system (${percent.toFixed(6)})`) : [];
  return drawn.length >= count
    ? drawn
    : draw(`(select ${name} from ${from} where ${name} is not null limit 200000) rows_read`);
}

export interface IndexActivity {
  index: string;
  scanCount: number;
  /** Null: never since the statistics were reset, or the server is too old to know. ISO. */
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
