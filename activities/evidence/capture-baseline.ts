import { withRedis } from '../../adapters/redis/redis';
import { RedisFailure } from '../../adapters/redis/failure';
import type { LogSummary } from '../../adapters/log/summary';
import type { Plan } from '../../contract/plan/plan';
import type { Baseline } from '../../contract/run/samples';
import { logOf } from './application-log';
import { sampledValues } from './sampled-values';
import { withSession } from '../environment/database';
import type { Environment, FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { knownPlan, type PlanPart } from '../statements/known-plan';
import { queriesOf } from '../statements/plan-queries';
import { requestCount, requestResults, requestRules, serverErrorShare } from './watch-rules';
import type { PerformOfPlan } from '../statements/of-known-plan';

/** A day has its busy and its quiet hours. */
const reachesBackMs = 24 * 60 * 60 * 1_000;

/**
 * Measures what the environment does before anything is changed: the plan's queries on real values, and what the log
 * says of the last day. Guards against calling a release slow, or fast, by guess. Only reads; what can't be measured is
 * left out.
 */
export function createCaptureBaseline({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'captureBaseline'> {
  return ({ target, planDigest, queries, log }) =>
    withHeartbeat(async (signal) => {
      const environment = find(target);
      const share = await cacheHitShare(environment);
      return {
        at: new Date().toISOString(),
        queries: await timeQueries({ environment, signal }, { planDigest, queries }),
        ...(await readRequests({ environment, signal }, log)),
        ...(share !== undefined && { cacheHitShare: share }),
      };
    });
}

async function timeQueries(
  session: Omit<Session, 'client'>,
  part: PlanPart & Pick<Plan, 'queries'>,
): Promise<Baseline['queries']> {
  if (part.queries.length === 0) return [];
  const plan = await knownPlan(session.environment, part);
  return withSession(session, 'baseline', async ({ client }) => {
    const timed: Baseline['queries'] = [];
    for (const { query, draw, time } of queriesOf(plan)) {
      const { p50Ms, p95Ms, sampleCount: samples } = await time(client, await draw(client, sampledValues));
      if (p50Ms !== null && p95Ms !== null) timed.push({ name: query.name, p50Ms, p95Ms, samples });
    }
    return timed;
  });
}

async function readRequests(
  { environment: { application }, signal }: Omit<Session, 'client'>,
  log: Plan['log'],
): Promise<Pick<Baseline, 'requests' | 'refusedPerHour'>> {
  const source = logOf(application);
  if (log === undefined || source === undefined) return {};
  const sinceAt = new Date(Date.now() - reachesBackMs).toISOString();
  const { summary, coverage } = await source.summarize({ sinceAt, rules: requestRules(log.requests), signal });
  const { firstAt: from = coverage.from, lastAt: to = coverage.to, rules } = summary;
  const durations = rules[requestResults.durations];
  if (from === undefined || to === undefined || durations?.kind !== 'quantiles') return {};
  const { p50, p95, p99 } = durations;
  const serverErrors = serverErrorShare(summary);
  if (p50 === undefined || p95 === undefined || p99 === undefined || serverErrors === undefined) return {};
  const hours = (Date.parse(to) - Date.parse(from)) / 3_600_000;
  return {
    requests: {
      count: requestCount(summary),
      p50Ms: rounded(p50),
      p95Ms: rounded(p95),
      p99Ms: rounded(p99),
      serverErrorShare: serverErrors,
      from,
      to,
    },
    ...(hours > 0 && { refusedPerHour: rounded(refusedCount(summary) / hours) }),
  };
}

const refusedCount = ({ rules }: LogSummary): number =>
  [401, 403].reduce((sum, code) => {
    const result = rules[`${requestResults.refused} ${code}`];
    return result?.kind === 'count' ? sum + result.count : sum;
  }, 0);

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Of all look-ups since Redis was started. */
async function cacheHitShare({ redisUrl }: Environment): Promise<number | undefined> {
  if (redisUrl === undefined) return undefined;
  try {
    const { hits, misses } = await withRedis({ url: redisUrl }, (redis) => redis.lookups());
    return hits + misses > 0 ? Math.round((hits / (hits + misses)) * 1_000) / 1_000 : undefined;
  } catch (error) {
    if (error instanceof RedisFailure) return undefined; // preflight has said so
    throw error;
  }
}
