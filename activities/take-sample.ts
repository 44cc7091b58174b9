import { setTimeout as rest } from 'node:timers/promises';
import type { LogCursor } from '../adapters/log-segments';
import { summarizeLog, type LogSummary } from '../adapters/log-summary';
import type { Probe } from '../contract/evidence';
import { findingLine, type Finding } from '../contract/findings';
import type { Plan } from '../contract/plan';
import type { Sample, SamplePosition } from '../contract/samples';
import type { EnvironmentActivities, Watched } from '../contract/steps';
import type { Environment, FindEnvironment } from './environment';
import { withHeartbeat } from './heartbeat';
import { gapSentences } from './log-gaps';
import { followOwnLines } from './own-lines';
import { drawProbeSamples, type ProbeSample } from './probe-samples';
import { checkHealth } from './read-health';
import { runProbe } from './run-probe';
import { countRule, readingOf, requestCount, requestRules } from './watch-rules';

/** Reason for which a first sample proves nothing. */
export const firstLook = 'first look: the log is read from here on';

/**
 * One look at a running environment: what its log says since the last look, its health, its probes that only read. Guards
 * against taking silence for health: each look makes a refused call, which the next one must find in the log.
 *
 * Safe to run twice: it only reads, and the lines that its refused calls leave are known as ours.
 */
export function createTakeSample({
  environment,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['takeSample'] {
  return (input) => withHeartbeat((signal) => takeSample(environment(input.target), input, signal));
}

/** Never throws because of what it looks at: that is part of the sample. */
export async function takeSample(
  environment: Environment,
  { watch, log, probes, position }: Omit<Watched, 'target'> & { position?: SamplePosition },
  signal: AbortSignal,
): Promise<Sample> {
  const at = new Date().toISOString();
  const reading = probes.filter(({ method }) => method === 'GET');
  const samples = await drawProbeSamples(environment, reading, signal);
  const seen = await readWindow(environment, { watch, log, position, probes: reading, samples, signal });
  const others = reading.filter(({ name }) => name !== log?.canary.probe);
  const looks = [
    await checkHealth(environment.application, signal),
    ...(await runAll(environment, others, samples, signal)),
  ];
  const canary = reading.find(({ name }) => name === log?.canary.probe);
  const refusal = canary && (await runAll(environment, [canary], samples, signal))[0];
  const findings = refusal === undefined ? looks : [...looks, refusal];
  return {
    at,
    requests: seen.requests,
    readings: seen.readings,
    blind: [...seen.blind, ...lines(findings, 'unknown')],
    broken: lines(findings, 'failed'),
    next: { log: { ...seen.cursor }, canaries: refusal?.status === 'passed' ? 1 : 0 },
  };
}

const lines = (findings: readonly Finding[], status: Finding['status']): string[] =>
  findings.filter((each) => each.status === status).map(findingLine);

async function runAll(
  environment: Environment,
  probes: readonly Probe[],
  samples: ReadonlyMap<string, ProbeSample>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const probe of probes) {
    findings.push(await runProbe(environment, probe, { serves: 'to', sample: samples.get(probe.name), signal }));
  }
  return findings;
}

type Seen = Pick<Sample, 'requests' | 'readings' | 'blind'> & { cursor?: LogCursor };

interface Window {
  watch: Plan['watch'];
  log: Plan['log'];
  position: SamplePosition | undefined;
  probes: readonly Probe[];
  samples: ReadonlyMap<string, ProbeSample>;
  signal: AbortSignal;
}

async function readWindow({ application }: Environment, window: Window): Promise<Seen> {
  const { watch, log, position, signal } = window;
  const file = application.logFile;
  if (log === undefined || file === undefined) {
    const whose = log === undefined ? 'the plan has no section "log"' : 'the settings name no log of the application';
    return { requests: 0, readings: [], blind: [`log: ${whose}`] };
  }
  const cursor = position?.log.inode === undefined ? undefined : (position.log as unknown as LogCursor);
  if (cursor === undefined) return openWindow(file, signal);
  const calls = position?.canaries ?? 0;
  const rules = [
    ...requestRules(log.requests),
    ...watch.flatMap((rule) => (rule.measure === 'events' ? [countRule(rule.name, rule.match)] : [])),
  ];
  const read = await readUntilSeen(async () => {
    const own = followOwnLines(log.canary, window);
    const result = await summarizeLog({ file, cursor, rules, onLine: own.see, signal });
    return { ...result, own, isWhole: own.seen(calls) };
  }, signal);
  const { summary, own, coverage } = read;
  const ownLines = (rule: Plan['watch'][number]): number =>
    rule.measure === 'events' ? own.among(rule.match, calls) : 0;
  return {
    requests: requestCount(summary),
    readings: watch.map((rule) => readingOf(rule, summary, ownLines(rule))),
    blind: [...gapSentences(coverage), ...blindness(log, summary, calls, read.isWhole)],
    ...(read.cursor && { cursor: read.cursor }),
  };
}

/** The end of the log as it is now: what comes after it is the next sample's. */
async function openWindow(file: string, signal: AbortSignal): Promise<Seen> {
  const sinceAt = new Date().toISOString();
  const { cursor, coverage } = await summarizeLog({ file, sinceAt, rules: [], signal });
  const blind = [firstLook, ...(cursor === undefined ? gapSentences(coverage) : [])];
  return { requests: 0, readings: [], blind, ...(cursor && { cursor }) };
}

/** Lines may arrive late: an application that buffers its log gets a few seconds. */
export async function readUntilSeen<Read extends { isWhole: boolean }>(
  read: () => Promise<Read>,
  signal: AbortSignal,
): Promise<Read> {
  const limitAt = Date.now() + 5_000;
  for (;;) {
    const result = await read();
    if (result.isWhole || Date.now() > limitAt) return result;
    await rest(250, undefined, { signal });
  }
}

function blindness(log: NonNullable<Plan['log']>, summary: LogSummary, calls: number, isWhole: boolean): string[] {
  const { event } = log.canary;
  const remedy = 'the event has another name, the log is written late, or it is not the log of this application';
  return [
    ...(requestCount(summary) > 0 ? [] : [`log: expected lines "${log.requests.event}", found none; ${remedy}`]),
    ...(calls > 0 ? [] : [`log: expected a refused call of ours before this window, found none; see its probe`]),
    ...(isWhole ? [] : [`log: expected the refused call of ours as "${event}", found none; ${remedy}`]),
  ];
}
