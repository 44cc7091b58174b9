import type { LogLine } from '../adapters/log-line';
import { matches } from '../adapters/log-rules';
import type { Matcher, Probe } from '../contract/evidence';
import { expectedStatus, pathsOf } from './probe-request';
import type { ProbeSample } from './probe-samples';

/**
 * Tells lines that our own refused calls left from those of real clients. A line is ours if it is the canary's event and
 * one of its fields holds the path or the sample of a refused probe of ours: so the calls of another rollout, of
 * aftercare, of an attempt whose worker died are ours too. Where the log names neither, only the number of calls is
 * known, and at most so many lines are ours.
 *
 * What this hides: a real client who is refused at the very row that the canary asks for.
 */
export function followOwnLines(
  { event, probe: canary }: { event: string; probe: string },
  { probes, samples }: { probes: readonly Probe[]; samples: ReadonlyMap<string, ProbeSample> },
) {
  const refused = probes.filter((probe) => probe.sample !== undefined && isRefused(probe));
  const marksOf = (chosen: readonly Probe[]) => new Set(chosen.flatMap((probe) => marks(probe, samples)));
  const all = marksOf(refused);
  const canaries = marksOf(refused.filter(({ name }) => name === canary));
  const ofEvent: LogLine[] = [];
  let marked = 0;

  const ours = (line: LogLine, among: ReadonlySet<string>): boolean =>
    Object.values(line.fields ?? {}).some((value) => typeof value === 'string' && among.has(value));

  return {
    /** Takes each line of the window. */
    see(line: LogLine): void {
      if (line.event !== event) return;
      if (ours(line, canaries)) marked += 1;
      if (ofEvent.length < mostLines) ofEvent.push(line);
    },
    /** Whether the log shows as many refused calls as were made. */
    seen: (calls: number): boolean => (marked > 0 ? marked : ofEvent.length) >= calls,
    /** How many of the lines that `match` means are ours. */
    among(match: Matcher, calls: number): number {
      const meant = ofEvent.filter((line) => matches(line, match));
      const own = meant.filter((line) => ours(line, all)).length;
      return marked > 0 || own > 0 ? own : Math.min(meant.length, calls);
    },
  };
}

/** By either release: the lines of both may be in one log. */
const isRefused = (probe: Probe): boolean => expectedStatus(probe, 'from') >= 400 || expectedStatus(probe, 'to') >= 400;

/** Far more than a window that anybody would call green. */
const mostLines = 10_000;

const marks = (probe: Probe, samples: ReadonlyMap<string, ProbeSample>): string[] => {
  const sample = samples.get(probe.name);
  return sample !== undefined && 'values' in sample ? [...sample.values, ...pathsOf(probe, sample.values)] : [];
};
