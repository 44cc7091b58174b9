import type { LogSource } from '../../adapters/log/source';
import { readableDuration, toMs } from '../../contract/text/duration';
import { finding, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { logOf } from '../evidence/application-log';
import { gapSentences } from '../evidence/log-gaps';
import { followSelfGeneratedLines, ownCallsOf } from '../evidence/self-generated-lines';
import { drawProbeSamples, type ProbesOf } from '../evidence/probe-samples';
import { onlyReading, runProbes } from '../evidence/run-probes';
import { readUntilSeen } from '../evidence/read-until-seen';
import { countOf, countRule, requestCount, requestRules } from '../evidence/watch-rules';
import type { PerformOfPlan } from '../statements/of-known-plan';

/** The section of the plan, and where the lines that it is about come from. */
type Log = NonNullable<Plan['log']> & { source: LogSource };

/**
 * Looks whether the log is evidence at all, and what it says of the time before the rollout. Guards against "0 failures"
 * of an empty log, of a restarted container, of an event with another name: a refused call of ours must appear in it.
 * Only reads.
 */
export function createCheckLog({ environment: find }: { environment: FindEnvironment }): PerformOfPlan<'checkLog'> {
  return ({ target, log, ...plan }) =>
    withHeartbeat(async (signal) => {
      const environment = find(target);
      const source = logOf(environment.application);
      if (log === undefined || source === undefined) return [notCovered(log === undefined)];
      const session = { environment, signal };
      return [...(await lookBack(session, { source, ...log })), await tryCanary(session, { source, ...log }, plan)];
    });
}

const notCovered = (noSection: boolean): Finding => ({
  check: 'log',
  status: 'not covered',
  expected: 'a log of the application',
  found: noSection ? 'a plan without section "log"' : 'settings without "log" of the application',
  remedy: 'name the log: without it nothing can be watched',
});

/** What the log says of the last days, and whether it covers them. */
async function lookBack({ environment, signal }: Omit<Session, 'client'>, log: Log): Promise<Finding[]> {
  const sinceAt = new Date(Date.now() - toMs(log.reachesBack)).toISOString();
  const own = followSelfGeneratedLines(log.canary, await ownCallsOf(environment));
  const rules = [...requestRules(log.requests), ...log.clean.map(({ name, match }) => countRule(name, match))];
  const { summary, coverage } = await log.source.summarize({ sinceAt, rules, onLine: own.see, signal });
  const gaps = gapSentences(coverage);
  const requests = requestCount(summary);
  const isCovered = gaps.length === 0 && requests > 0;
  return [
    finding('log coverage', isCovered ? true : 'unknown', {
      expected: `a log without gaps over ${readableDuration(toMs(log.reachesBack))}, with lines "${log.requests.event}"`,
      found: [...gaps.slice(0, 5), `${requests} such lines`].join('; '),
      remedy: 'name the log that covers this time, with what was rotated beside it, or wait until it does',
    }),
    ...log.clean.map(({ name, match, max }) => {
      const count = countOf(summary, name) - own.among(match, 0);
      return finding(`log: ${name}`, count > max ? false : isCovered ? true : 'unknown', {
        expected: `at most ${max} lines`,
        found: `${count}${isCovered ? '' : ', but the log does not cover its time'}`,
        remedy: count > max ? 'find out who was refused and why before anything is changed' : 'see log coverage',
      });
    }),
  ];
}

/** Makes the refused call and looks for its line. */
async function tryCanary(session: Omit<Session, 'client'>, { source, canary }: Log, plan: ProbesOf): Promise<Finding> {
  const { environment, signal } = session;
  const check = `log: canary "${canary.event}"`;
  const expected = 'a refused call by Rubicon leaves this event';
  const probe = onlyReading(plan.probes).find(({ name }) => name === canary.probe);
  const { position } = await source.summarize({ sinceAt: new Date().toISOString(), rules: [], signal });
  const called = probe === undefined ? [] : [probe];
  const samples = await drawProbeSamples(session, plan, called);
  let [refusal] = await runProbes(session, called, { serves: 'from', samples });
  // Where the change is in already, the new release answers.
  if (refusal?.status === 'failed') [refusal] = await runProbes(session, called, { serves: 'to', samples });
  if (refusal?.status !== 'passed') {
    const found = refusal === undefined ? `no probe "${canary.probe}" that only reads` : refusal.found;
    return finding(check, 'unknown', { expected, found, remedy: `fix the probe "${canary.probe}"` });
  }
  const ownCalls = await ownCallsOf(environment);
  const { seen } = await readUntilSeen(async () => {
    const own = followSelfGeneratedLines(canary, ownCalls);
    const { coverage } = await source.summarize({ position, rules: [], onLine: own.see, signal });
    return { seen: own.seen(1), isWhole: own.seen(1) || !coverage.complete };
  }, signal);
  return finding(check, seen ? true : 'unknown', {
    expected,
    found: seen ? 'it did' : 'no such line within 5 s',
    remedy: 'the event has another name, the log is written late, or it is not the log of this application',
  });
}
