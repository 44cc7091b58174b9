import type { LogRule } from '../../adapters/log/rules';
import type { LogSummary } from '../../adapters/log/summary';
import type { Matcher, Rule } from '../../contract/plan/evidence';
import type { Plan } from '../../contract/plan/plan';
import type { Reading } from '../../contract/run/samples';

type LogSection = NonNullable<Plan['log']>;

/** Names of the results that every reading of a log has; a plan's names come after a prefix, so they can't clash. */
export const requestResults = {
  count: 'requests',
  durations: 'durations',
  errors: 'server errors',
  refused: 'refused',
};

/** What is counted of requests, whatever the plan watches. */
export function requestRules({ event, status, durationMs }: LogSection['requests']): LogRule[] {
  const of = { event };
  return [
    { name: requestResults.count, kind: 'count', match: of },
    { name: requestResults.durations, kind: 'quantiles', match: of, field: durationMs },
    { name: requestResults.errors, kind: 'share', of, match: { event, fields: { [status]: { atLeast: 500 } } } },
    ...[401, 403].map((code): LogRule => {
      return { name: `${requestResults.refused} ${code}`, kind: 'count', match: { event, fields: { [status]: code } } };
    }),
  ];
}

/** A named count of lines. */
export const countRule = (name: string, match: Matcher): LogRule => ({ name: `events: ${name}`, kind: 'count', match });

/** Lines that `countRule` of this name has counted. */
export function countOf(summary: LogSummary, name: string): number {
  const result = summary.rules[`events: ${name}`];
  return result?.kind === 'count' ? result.count : 0;
}

/** Lines of requests. */
export function requestCount({ rules }: LogSummary): number {
  const result = rules[requestResults.count];
  return result?.kind === 'count' ? result.count : 0;
}

/** A rule's outcome. `selfGeneratedLines`: how many of the counted lines are our own doing. */
export function readingOf(rule: Rule, summary: LogSummary, selfGeneratedLines: number): Reading {
  const { name, severity } = rule;
  const of = { rule: name, severity };
  switch (rule.measure) {
    case 'events': {
      const value = Math.max(0, countOf(summary, name) - selfGeneratedLines);
      return { ...of, value, limit: rule.max, unit: 'events' };
    }
    case 'p95': {
      const durations = summary.rules[requestResults.durations];
      const value = durations?.kind === 'quantiles' ? durations.p95 : undefined;
      return { ...of, ...(value !== undefined && { value }), limit: rule.maxMs, unit: 'ms' };
    }
    case 'server errors': {
      const value = serverErrorShare(summary);
      return { ...of, ...(value !== undefined && { value }), limit: rule.max, unit: 'share' };
    }
    default:
      return unknownMeasure(rule);
  }
}

/** The compiler refuses a measure that has no case above; none may be judged by the figures of another. */
function unknownMeasure(rule: never): never {
  throw new Error(`expected a known measure, found ${JSON.stringify(rule)}`);
}

/** Share of requests that ended in 5xx; undefined without requests. */
export function serverErrorShare({ rules }: LogSummary): number | undefined {
  const share = rules[requestResults.errors];
  return share?.kind === 'share' && share.total > 0 ? share.matching / share.total : undefined;
}
