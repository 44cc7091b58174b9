import type { PostgresClient } from '../adapters/postgres';
import { timeQuery } from '../adapters/postgres-queries';
import { explainQuery } from '../adapters/postgres/query-plans';
import { sampleValues } from '../adapters/postgres/sampled-values';
import type { Finding } from '../contract/findings';
import type { Query } from '../contract/evidence';
import { columnsOf } from '../contract/removals';
import type { EnvironmentActivities } from '../contract/steps';
import { parseColumnName } from '../contract/object-name';
import { withDatabase } from './database';
import type { FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { goingIndexes, type GoingIndex } from './preflight/going-indexes';
import { judgeQuery } from './preflight/judge-query';

/** Values that each query is looked at and timed with. */
export const sampledValues = 50;

type Baseline = Parameters<EnvironmentActivities['checkQueries']>[0]['baseline'];

/**
 * Looks at the plans of the queries that the new release sends, for many real values, and times them. Guards against a
 * replacement that is right and slow: a query that reads a large table whole, or leans on an index that goes. Reads only.
 */
export function createCheckQueries({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['checkQueries'] {
  return ({ target, queries, removes, baseline }) =>
    withHeartbeat((signal) =>
      withDatabase(
        find(target),
        'queries',
        async (client) => {
          if (queries.length === 0) return [];
          const going = await goingIndexes(client, columnsOf({ removes }));
          const findings: Finding[] = [];
          for (const query of queries) findings.push(...(await checkQuery(client, query, going, baseline)));
          return findings;
        },
        signal,
      ),
    );
}

async function checkQuery(
  client: PostgresClient,
  query: Query,
  going: readonly GoingIndex[],
  baseline: Baseline,
): Promise<Finding[]> {
  const values = await sampleValues(client, parseColumnName(query.sample), sampledValues);
  const plans = await explainQuery(client, query.sql, values);
  const before = baseline?.find(({ name }) => name === query.name);
  const time = () => timeQuery(client, query.sql, values);
  return judgeQuery(client, query, { ...plans, values: values.length, time, going, before });
}
