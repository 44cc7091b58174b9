import { findingLine, type Finding } from '../../contract/run/findings';
import type { Sample } from '../../contract/run/samples';
import type { FindEnvironment } from '../environment/environment';
import { checkServing } from '../actions/serving';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { drawProbeSamples } from './probe-samples';
import { readWindow } from './read-window';
import { onlyReading, runProbes } from './run-probes';
import type { OfKnownPlan, PerformOfPlan } from '../statements/of-known-plan';

/**
 * One look at a running environment: what its log says since the last look, its health, its probes that only read. Guards
 * against taking silence for health: each look makes a refused call, which the next one must find in the log.
 *
 * Safe to run twice: it only reads, and the lines that its refused calls leave are known as ours.
 */
export function createTakeSample({ environment }: { environment: FindEnvironment }): PerformOfPlan<'takeSample'> {
  return (input) => withHeartbeat((signal) => takeSample({ environment: environment(input.target), signal }, input));
}

/** Never throws because of what it looks at: that is part of the sample. */
export async function takeSample(
  session: Omit<Session, 'client'>,
  { watch, log, position, ...plan }: Omit<OfKnownPlan<'takeSample'>, 'target'>,
): Promise<Sample> {
  const at = new Date().toISOString();
  const reading = onlyReading(plan.probes);
  const samples = await drawProbeSamples(session, plan, reading);
  const seen = await readWindow(session, { watch, log, position });
  const health = await checkServing(session.environment, session.signal);
  const outcomes = await runProbes(session, reading, { serves: 'to', samples });
  const canary = outcomes[reading.findIndex(({ name }) => name === log?.canary.probe)];
  return {
    at,
    requests: seen.requests,
    readings: seen.readings,
    blind: [...seen.blind, ...lines(outcomes, 'unknown')],
    broken: lines([health, ...outcomes], 'failed'),
    next: { log: seen.log ?? {}, canaries: canary?.status === 'passed' ? 1 : 0 },
  };
}

const lines = (findings: readonly Finding[], status: Finding['status']): string[] =>
  findings.filter((each) => each.status === status).map(findingLine);
