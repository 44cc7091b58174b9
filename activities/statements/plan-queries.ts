import type { PostgresClient } from '../../adapters/postgres/postgres';
import { timeQuery, type QueryTiming } from '../../adapters/postgres/queries';
import { explainQuery, type QueryPlans } from '../../adapters/server/query-plans';
import { sampleValues } from '../../adapters/rows/sampled-values';
import type { Query } from '../../contract/plan/evidence';
import { parseColumnName } from '../../contract/text/object-name';
import { asPlan } from './as-plan';
import type { KnownPlan } from './known-plan';

/** A query of a plan, looked through before anything of it runs. */
export interface PlanQuery {
  query: Query;
  /** Real values for `$1`; they stay in the worker. */
  draw(client: PostgresClient, count: number): Promise<string[]>;
  explain(client: PostgresClient, values: readonly string[]): Promise<QueryPlans>;
  time(client: PostgresClient, values: readonly string[]): Promise<QueryTiming>;
}

/** All queries of a plan, each with what can be done with it. The column of its `sample` is read by a statement of ours. */
export const queriesOf = (plan: KnownPlan): PlanQuery[] =>
  plan.queries.map((query, index) => ({
    query,
    draw: (client, count) =>
      asPlan(client, { plan, of: 'values', index }, () => sampleValues(client, parseColumnName(query.sample), count)),
    explain: (client, values) =>
      asPlan(client, { plan, of: 'query', index }, ({ sql }) => explainQuery(client, sql, values)),
    time: (client, values) => asPlan(client, { plan, of: 'query', index }, ({ sql }) => timeQuery(client, sql, values)),
  }));
