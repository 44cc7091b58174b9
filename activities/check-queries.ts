import type { PostgresClient } from '../adapters/postgres';
import { indexUsed, timeQuery } from '../adapters/postgres-queries';
import { readSize } from '../adapters/postgres-size';
import type { Query } from '../contract/evidence';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import type { EnvironmentActivities } from '../contract/steps';
import { parseColumnName } from '../contract/object-name';
import { withDatabase } from './database';
import type { FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';

/** Up to here a scan can be cheaper than the index, so that the index need only be usable. */
const smallTableRows = 10_000;

/**
 * Looks at the plans of the queries that the new release sends, for real values. Guards against a replacement that is
 * right and slow. Reads only.
 */
export function createCheckQueries({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['checkQueries'] {
  return ({ target, queries }) =>
    withHeartbeat((signal) =>
      withDatabase(
        find(target),
        'queries',
        async (client) => {
          const findings: Finding[] = [];
          for (const query of queries) findings.push(await checkQuery(client, query));
          return findings;
        },
        signal,
      ),
    );
}

async function checkQuery(client: PostgresClient, { name, sql, sample, index }: Query): Promise<Finding> {
  const sampled = { sql, sample: parseColumnName(sample) };
  const use = await indexUsed(client, sampled, index);
  const timing = await timeQuery(client, sampled);
  const size = await readSize(client, [sampled.sample]);
  const rows = size.tables[0]?.rowEstimate ?? 0;
  const usable = use.used || (use.usable && rows < smallTableRows);
  const how = use.used ? 'used' : use.usable ? 'usable, but not used' : 'not usable';
  return finding(`query "${name}"`, timing.sampleCount === 0 ? 'unknown' : usable, {
    expected: `index ${index} used (usable in a table below ${smallTableRows} rows), for real values`,
    found: `${how}; about ${rows} rows; ${timing.sampleCount} values, p95 ${timing.p95Ms ?? '?'} ms`,
    remedy:
      timing.sampleCount === 0
        ? `${sample} holds no value to ask for: deploy the release that writes it`
        : `analyze the table, and look at the plans in the report: the query must not read the whole table`,
    evidence: { ...use, ...timing },
  });
}
