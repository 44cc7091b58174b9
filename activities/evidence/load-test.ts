import type { LoadCall } from '../../adapters/application/load-mix';
import { loadTest as load, type LoadTestResult } from '../../adapters/application/load-test';
import { permanent } from '../../contract/run/failures';
import { finding, type Finding } from '../../contract/run/findings';
import type { LogPosition } from '../../contract/run/samples';
import type { Plan } from '../../contract/plan/plan';
import { callerHeaders } from '../environment/call-application';
import type { FindEnvironment } from '../environment/environment';
import { newCallId } from '../environment/call-id';
import { logOf } from './application-log';
import { judgeLoadLog } from './judge-load-log';
import { heartbeat, withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { pathOf } from './probe-request';
import { drawProbeSamples, type ProbesOf } from './probe-samples';
import type { PerformOfPlan } from '../statements/of-known-plan';

type LoadSection = NonNullable<Plan['loadTest']>;

/**
 * Puts the new release under load in staging. Guards against a release that answers one probe well and many at once badly.
 * Safe to run twice: each run adds the rows that its calls create.
 *
 * @throws `WrongState` in production, always
 */
export function createLoadTest({ environment: find }: { environment: FindEnvironment }): PerformOfPlan<'loadTest'> {
  return ({ target, loadTest, log, watch, ...plan }) =>
    withHeartbeat(async (signal) => {
      const environment = find(target);
      if (environment.name !== 'staging') {
        throw permanent('WrongState', `expected staging, found ${environment.name}; a load test never runs there`);
      }
      if (loadTest === undefined) return [notCovered];
      const id = newCallId(environment.application.probeKey);
      const session = { environment, signal };
      const calls = await loadCalls(session, { ...plan, loadTest }, id);
      if (!Array.isArray(calls)) return [calls];
      const start = await openLog(session);
      const { requests, connections } = loadTest;
      const onProgress = (): void => heartbeat();
      const { url: baseUrl } = environment.application;
      const result = await load({ baseUrl, requests, connections, calls, signal, onProgress });
      const meanwhile = { log, watch, start, result, id };
      return [...judge(result, loadTest), ...(await judgeLoadLog(session, meanwhile))];
    });
}

const notCovered: Finding = {
  check: 'load test',
  status: 'not covered',
  expected: 'a section "loadTest"',
  found: 'none in the plan',
  remedy: 'add one',
};

/** The probes that the plan names, as calls with the right keys; or why they can't be made. */
async function loadCalls(
  session: Omit<Session, 'client'>,
  plan: ProbesOf & { loadTest: LoadSection },
  id: string,
): Promise<LoadCall[] | Finding> {
  const named = plan.probes.filter(({ name }) => plan.loadTest.calls.includes(name));
  const samples = await drawProbeSamples(session, plan, named);
  const calls: LoadCall[] = [];
  for (const probe of named) {
    const path = pathOf(probe, samples.get(probe.name));
    if (path === undefined) {
      return finding('load test', 'unknown', {
        expected: `a path for probe "${probe.name}"`,
        found: 'no sample for it',
        remedy: 'correct the sample of the probe, or add such a row',
      });
    }
    const { method, key, body } = probe;
    calls.push({
      method,
      path,
      headers: callerHeaders(session.environment.application, key, id),
      ...(body && { body }),
    });
  }
  return calls;
}

function judge(result: LoadTestResult, { requests, successShare, p95Ms }: LoadSection): Finding[] {
  const { succeeded, statusCounts, errors, p50Ms, p99Ms, maxMs, tookMs } = result;
  const remedy = 'look into the log of staging; do not go to production like this';
  return [
    finding('load test: success', succeeded / requests >= successShare, {
      expected: `${successShare * 100} % of ${requests} requests`,
      found: `${succeeded} of ${requests}`,
      remedy,
      evidence: { statusCounts, errors, tookMs },
    }),
    finding('load test: p95', result.p95Ms === undefined ? 'unknown' : result.p95Ms <= p95Ms, {
      expected: `at most ${p95Ms} ms`,
      found: result.p95Ms === undefined ? 'no answer' : `${result.p95Ms} ms`,
      remedy,
      evidence: { p50Ms, p95Ms: result.p95Ms, p99Ms, maxMs },
    }),
  ];
}

async function openLog({ environment, signal }: Omit<Session, 'client'>): Promise<LogPosition | undefined> {
  const source = logOf(environment.application);
  return (await source?.summarize({ sinceAt: new Date().toISOString(), rules: [], signal }))?.position;
}
