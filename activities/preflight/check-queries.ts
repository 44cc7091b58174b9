import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { sqlstate } from '../../adapters/postgres/sqlstate';
import { isFailure } from '../../contract/run/failures';
import { finding, type Finding } from '../../contract/run/findings';
import type { Query } from '../../contract/plan/evidence';
import type { Plan } from '../../contract/plan/plan';
import { removalsOf } from '../../contract/plan/removals';
import { sampledValues } from '../evidence/sampled-values';
import { withSession } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { removedIndexes, type RemovedIndex } from './removed-indexes';
import { judgeQuery } from './judge-query';
import { knownPlan } from '../statements/known-plan';
import { queriesOf, type PlanQuery } from '../statements/plan-queries';
import { checkReader } from '../statements/reader';
import type { OfKnownPlan, PerformOfPlan } from '../statements/of-known-plan';

type Baseline = OfKnownPlan<'checkQueries'>['baseline'];

/**
 * Looks at the plans of the queries that the new release sends, for many real values, and times them. Guards against a
 * replacement that is right and slow: a query that reads a large table whole, or leans on an index that goes. Reads only.
 */
export function createCheckQueries({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'checkQueries'> {
  return ({ target, planDigest, queries, removes, baseline }) =>
    withHeartbeat(async (signal) => {
      const environment = find(target);
      const plan = await knownPlan(environment, { planDigest, queries, removes });
      return withSession({ environment, signal }, 'queries', async ({ client }) => {
        const beingRemoved = await removedIndexes(client, removalsOf({ removes }));
        const findings: Finding[] = [];
        for (const query of queriesOf(plan))
          findings.push(...(await checkQuery(client, query, { beingRemoved, baseline })));
        return hasStatements(plan) ? [...findings, await checkReader(client, plan)] : [];
      });
    });
}

const hasStatements = ({ queries, probes }: Plan): boolean =>
  queries.length > 0 || probes.some(({ sample }) => sample !== undefined);

async function checkQuery(
  client: PostgresClient,
  planned: PlanQuery,
  { beingRemoved, baseline }: { beingRemoved: readonly RemovedIndex[]; baseline: Baseline },
): Promise<Finding[]> {
  const { query } = planned;
  try {
    const values = await planned.draw(client, sampledValues);
    const plans = await planned.explain(client, values);
    const before = baseline?.find(({ name }) => name === query.name);
    const time = () => planned.time(client, values);
    return await judgeQuery(client, query, { ...plans, values: values.length, time, beingRemoved, before });
  } catch (error) {
    return [refusedQuery(query, error)];
  }
}

/** What the server will refuse again is a finding; what may pass is tried again. */
function refusedQuery({ name }: Query, error: unknown): Finding {
  const { queryCanceled, insufficientPrivilege } = sqlstate;
  const isFinal =
    error instanceof PostgresError && (error.reaction === 'abort' || error.sqlstate === insufficientPrivilege);
  const isSlow = error instanceof PostgresError && error.sqlstate === queryCanceled;
  const isOfThisServer = isFailure(error, 'WrongState');
  if (!isFinal && !isSlow && !isOfThisServer) throw error;
  return finding(`query "${name}"`, false, {
    expected: 'a select that the server answers in time',
    found: (error as Error).message,
    remedy: isSlow
      ? 'have an index made that serves its condition ("create index concurrently"), or have the release send another query'
      : 'correct the plan, or what is in its way; run the select by hand, as the role of the worker, to see what the server says of it',
  });
}
