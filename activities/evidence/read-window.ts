import type { LogSource } from '../../adapters/log/source';
import type { LogSummary } from '../../adapters/log/summary';
import type { Plan } from '../../contract/plan/plan';
import type { LogPosition, Sample, SamplePosition } from '../../contract/run/samples';
import type { Session } from '../environment/session';
import { logOf } from './application-log';
import { gapSentences } from './log-gaps';
import { followSelfGeneratedLines, ownCallsOf } from './self-generated-lines';
import { readUntilSeen } from './read-until-seen';
import { countRule, readingOf, requestCount, requestRules } from './watch-rules';

/** Reason for which a first sample proves nothing. */
export const firstLook = 'first look: the log is read from here on';

/** What the log said within a window, and where the next one begins. */
export type Seen = Pick<Sample, 'requests' | 'readings' | 'blind'> & { log?: LogPosition };

/** Which part of a log is read, and by which rules. */
export interface Window {
  watch: Plan['watch'];
  log: Plan['log'];
  /** Where the last sample has ended; undefined = there was none, so only the end is looked for. */
  position: SamplePosition | undefined;
}

/**
 * Reads the log from the last sample's position to its end. Without a position it only looks for the end. What it could not
 * read is a reason in `blind`, never an error.
 */
export async function readWindow({ environment, signal }: Omit<Session, 'client'>, window: Window): Promise<Seen> {
  const { watch, log, position } = window;
  const source = logOf(environment.application);
  if (log === undefined || source === undefined) {
    const whose = log === undefined ? 'the plan has no section "log"' : 'the settings name no log of the application';
    return { requests: 0, readings: [], blind: [`log: ${whose}`] };
  }
  if (position === undefined || !source.knows(position.log)) return openWindow(source, signal);
  const calls = position.canaries;
  const rules = [
    ...requestRules(log.requests),
    ...watch.flatMap((rule) => (rule.measure === 'events' ? [countRule(rule.name, rule.match)] : [])),
  ];
  const ownCalls = await ownCallsOf(environment);
  const read = await readUntilSeen(async () => {
    const own = followSelfGeneratedLines(log.canary, ownCalls);
    const result = await source.summarize({ position: position.log, rules, onLine: own.see, signal });
    const isLost = !result.coverage.complete; // then waiting for our line is in vain
    return { ...result, own, isWhole: isLost || own.seen(calls) };
  }, signal);
  const { summary, own, coverage } = read;
  const selfGeneratedLines = (rule: Plan['watch'][number]): number =>
    rule.measure === 'events' ? own.among(rule.match, calls) : 0;
  return {
    requests: requestCount(summary),
    readings: watch.map((rule) => readingOf(rule, summary, selfGeneratedLines(rule))),
    blind: [...gapSentences(coverage), ...blindness(log, read, calls)],
    ...(read.position && { log: read.position }),
  };
}

/** The end of the log as it is now: what comes after it is the next sample's. */
async function openWindow(source: LogSource, signal: AbortSignal): Promise<Seen> {
  const sinceAt = new Date().toISOString();
  const { position, coverage } = await source.summarize({ sinceAt, rules: [], signal });
  const blind = [firstLook, ...(position === undefined ? gapSentences(coverage) : [])];
  return { requests: 0, readings: [], blind, ...(position && { log: position }) };
}

function blindness(
  log: NonNullable<Plan['log']>,
  { summary, isWhole }: { summary: LogSummary; isWhole: boolean },
  calls: number,
): string[] {
  const { event } = log.canary;
  const remedy = 'the event has another name, the log is written late, or it is not the log of this application';
  return [
    ...(requestCount(summary) > 0 ? [] : [`log: expected lines "${log.requests.event}", found none; ${remedy}`]),
    ...(calls > 0 ? [] : [`log: expected a refused call by Rubicon before this window, found none; see its probe`]),
    ...(isWhole ? [] : [`log: expected the refused call by Rubicon as "${event}", found none; ${remedy}`]),
  ];
}
