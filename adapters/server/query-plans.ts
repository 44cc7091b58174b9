import type { PostgresClient } from '../postgres/postgres';
import { joinTransaction } from '../postgres/transaction';

/** A node of a query plan without conditions, since these quote values. */
export interface PlanNode {
  /** `Seq Scan`, `Index Scan` …, as EXPLAIN names it. */
  node: string;
  /** Table or partition that it reads. */
  relation?: { schema: string; table: string };
  /** The index that it uses, unquoted; absent = none. */
  index?: string;
  /** Fewest and most rows that the planner expects, over the values that have this plan. */
  rows: [number, number];
  /** Nodes that it takes rows from, in the order of EXPLAIN. */
  children: PlanNode[];
}

/** A plan that the server makes, and for how many of the values that were asked for. */
export interface SeenPlan {
  plan: PlanNode;
  /** How many of the values have this plan; 0 for the generic one. */
  values: number;
  /** Average, in the planner's own units (PostgreSQL documentation, "Using EXPLAIN"). */
  cost: number;
}

/** How the server would run one query: for the values that were asked about, and for any. */
export interface QueryPlans {
  /** One a shape, the most frequent first. */
  custom: SeenPlan[];
  /**
   * For any value, as a prepared statement gets it after five executions, if it is not dearer than the others
   * (PostgreSQL documentation, PREPARE).
   */
  generic: SeenPlan;
}

/** Which plans the server makes for a select with `$1`; runs nothing. Values stay in here. Joins a transaction that is open. */
export async function explainQuery(
  client: PostgresClient,
  sql: string,
  values: readonly string[],
): Promise<QueryPlans> {
  return joinTransaction(client, { readOnly: true }, async () => {
    const seen = new Map<string, SeenPlan>();
    for (const value of values) {
      const { plan, cost } = await explain(client, sql, [value]);
      const shape = planText(plan, { withRows: false });
      const known = seen.get(shape);
      seen.set(shape, known === undefined ? { plan, values: 1, cost } : together(known, plan, cost));
    }
    const custom = [...seen.values()].sort((a, b) => b.values - a.values);
    return { custom, generic: { ...(await explainGeneric(client, sql)), values: 0 } };
  });
}

const together = (known: SeenPlan, plan: PlanNode, cost: number): SeenPlan => ({
  plan: spanning(known.plan, plan),
  values: known.values + 1,
  cost: (known.cost * known.values + cost) / (known.values + 1),
});

/** Two plans of one shape. */
const spanning = (a: PlanNode, b: PlanNode): PlanNode => ({
  ...a,
  rows: [Math.min(a.rows[0], b.rows[0]), Math.max(a.rows[1], b.rows[1])],
  children: a.children.map((child, index) => spanning(child, b.children[index] ?? child)),
});

/** A generic plan does not depend on the value, so any will do. */
async function explainGeneric(client: PostgresClient, sql: string): Promise<{ plan: PlanNode; cost: number }> {
  await client.query('set local plan_cache_mode = force_generic_plan');
  await client.query(`prepare rubicon_query as ${sql}`);
  const explained = await explain(client, 'execute rubicon_query(null)');
  await client.query('deallocate rubicon_query');
  return explained;
}

async function explain(
  client: PostgresClient,
  sql: string,
  parameters: string[] = [],
): Promise<{ plan: PlanNode; cost: number }> {
  type Row = { 'QUERY PLAN': [{ Plan: RawNode }] };
  const { rows } = await client.query<Row>(`explain (format json, verbose) ${sql}`, parameters);
  const raw = rows[0]!['QUERY PLAN'][0].Plan;
  return { plan: withoutValues(raw), cost: raw['Total Cost'] };
}

interface RawNode {
  'Node Type': string;
  Schema?: string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Plan Rows': number;
  'Total Cost': number;
  Plans?: RawNode[];
}

/** `above`: what the node above reads, since one that reads only an index does not say of which table. */
function withoutValues(raw: RawNode, above?: PlanNode['relation']): PlanNode {
  const table = raw['Relation Name'];
  const index = raw['Index Name'];
  const own = table === undefined ? undefined : { schema: raw.Schema ?? '', table };
  const relation = own ?? (index === undefined ? undefined : above);
  return {
    node: raw['Node Type'],
    ...(relation !== undefined && { relation }),
    ...(index !== undefined && { index }),
    rows: [raw['Plan Rows'], raw['Plan Rows']],
    children: (raw.Plans ?? []).map((child) => withoutValues(child, own ?? above)),
  };
}

/** All nodes of a plan, itself included. */
export const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...plan.children.flatMap(nodesOf)];

/** For people, in the manner of EXPLAIN and without any condition. */
export function planText(plan: PlanNode, { withRows = true, depth = 0 } = {}): string {
  const { node, relation, index, rows, children } = plan;
  const [fewest, most] = rows;
  const expected = withRows ? ` (${fewest === most ? most : `${fewest} to ${most}`} rows)` : '';
  const what = `${node}${index === undefined ? '' : ` using ${index}`}${relation === undefined ? '' : ` on ${relation.schema}.${relation.table}`}`;
  const line = `${'  '.repeat(depth)}${depth === 0 ? '' : '-> '}${what}${expected}`;
  return [line, ...children.map((child) => planText(child, { withRows, depth: depth + 1 }))].join('\n');
}

/** What reading a table whole means: its pages on the disk, and its rows by the planner's estimate. */
export interface ScannedSize {
  /** Of `block_size` bytes each, usually 8 kB. */
  pages: number;
  /** A table that was never vacuumed or analysed counts as 0. */
  rows: number;
}

/** Of everything that a plan reads from its first page to its last: partitions of one table add up. */
export async function scannedSize(client: PostgresClient, plan: PlanNode): Promise<ScannedSize> {
  const scanned = nodesOf(plan).flatMap(({ node, relation }) =>
    node === 'Seq Scan' && relation !== undefined ? [relation] : [],
  );
  const { rows } = await client.query<ScannedSize>(
    `select coalesce(sum(pg_relation_size(c.oid) / current_setting('block_size')::int), 0)::float8 as pages,
            coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where (n.nspname, c.relname) in (select * from unnest($1::text[], $2::text[]))`,
    [scanned.map(({ schema }) => schema), scanned.map(({ table }) => table)],
  );
  return rows[0] ?? { pages: 0, rows: 0 };
}
