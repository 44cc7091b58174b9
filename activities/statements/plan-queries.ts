import type { PostgresClient } from '../../adapters/postgres';
import { timeQuery, type QueryTiming } from '../../adapters/postgres-queries';
import { explainQuery, type QueryPlans } from '../../adapters/postgres/query-plans';
import { sampleValues } from '../../adapters/postgres/sampled-values';
import type { Query } from '../../contract/evidence';
import { parseColumnName } from '../../contract/object-name';
import type { Plan } from '../../contract/plan';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { asPlan, type PlanSelect } from './as-plan';

/** A query of a plan, looked through before anything of it runs. */
export interface PlanQuery {
  query: Query;
  /** Real values for `$1`; they stay in the worker. */
  draw(client: PostgresClient, count: number): Promise<string[]>;
  explain(client: PostgresClient, values: readonly string[]): Promise<QueryPlans>;
  time(client: PostgresClient, values: readonly string[]): Promise<QueryTiming>;
}

/** All queries of a plan, each with what can be done with it. */
export const queriesOf = (plan: Plan): PlanQuery[] =>
  plan.queries.map((query, index) => {
    const select: PlanSelect = { text: query.sql, field: `queries[${index}].sql` };
    return {
      query,
      draw: (client, count) => draw(client, plan, `queries[${index}].sample`, query, count),
      explain: (client, values) => asPlan(client, plan, select, ({ sql }) => explainQuery(client, sql, values)),
      time: (client, values) => asPlan(client, plan, select, ({ sql }) => timeQuery(client, sql, values)),
    };
  });

/** The column is read by a statement of ours; as a select of the plan it is looked through like all others. */
async function draw(
  client: PostgresClient,
  plan: Plan,
  field: string,
  { sample }: Query,
  count: number,
): Promise<string[]> {
  const column = parseColumnName(sample);
  const text = `select t.${quoteIdentifier(column.column)} from ${qualifiedName(column)} as t`;
  return asPlan(client, plan, { text, field, limitMs: 60_000 }, () => sampleValues(client, column, count));
}
