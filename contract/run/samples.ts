import type { Severity } from '../plan/evidence';

/** What the application did before anything was changed, for comparison. Times in ms, shares 0 to 1. */
export interface Baseline {
  at: string;
  /** The plan's queries on real values; `samples` is how many values. One that was not measured is left out. */
  queries: { name: string; p50Ms: number; p95Ms: number; samples: number }[];
  /** Of the last 24 hours of the log; `from`, `to`: its first and last line. Absent = no log, or no requests in it. */
  requests?: {
    count: number;
    p50Ms: number;
    p95Ms: number;
    p99Ms: number;
    serverErrorShare: number;
    from: string;
    to: string;
  };
  /** Refused calls an hour (status 401 and 403). */
  refusedPerHour?: number;
  /** Hits of all look-ups of the cache's server since its start. */
  cacheHitShare?: number;
}

/** Where the next reading of a log starts; only the source that made it looks into it. Empty = nothing could be read. */
export type LogPosition = Record<string, unknown>;

/** One rule's outcome within a sample. */
export interface Reading {
  rule: string;
  severity: Severity;
  /** `undefined` = could not be measured. */
  value?: number;
  /** Highest `value` that is still green, in `unit`. */
  limit: number;
  unit: 'events' | 'share' | 'ms';
}

/** What one look at an environment showed. */
export interface Sample {
  at: string;
  /** Lines of requests since the last sample: 0 = nothing was seen. */
  requests: number;
  readings: Reading[];
  /** Why this sample proves nothing (rotated log, canary not logged, …); empty = it covers its window. */
  blind: string[];
  /** Health and probes that failed, as finding lines. */
  broken: string[];
  /** For the next sample. */
  next: SamplePosition;
}

/** What a sample hands to the next one: by position, never by clock (the workflow's clock may run ahead). */
export interface SamplePosition {
  log: LogPosition;
  /** Calls of ours since, whose refusals are in the log and are not the application's. */
  canaries: number;
}

/** What a sample means. `missing`: unknown, counts as nothing, stops or asks. */
export type Verdict = 'green' | 'red' | 'critical' | 'missing';

/** Verdict of one sample and its reasons. Pure; the whole policy of watching. */
export function assess(sample: Pick<Sample, 'readings' | 'blind' | 'broken'>): { verdict: Verdict; because: string[] } {
  const over = sample.readings.filter(({ value, limit }) => value !== undefined && value > limit);
  const because = [
    ...sample.broken,
    ...over.map(({ rule, value, limit, unit }) => `${rule}: expected at most ${limit} ${unit}, found ${round(value)}`),
  ];
  if (sample.broken.length > 0 || over.some(({ severity }) => severity === 'critical')) {
    return { verdict: 'critical', because };
  }
  if (over.length > 0) return { verdict: 'red', because };
  const unmeasured = sample.readings
    .filter(({ value }) => value === undefined)
    .map(({ rule }) => `${rule}: not measured`);
  const blind = [...sample.blind, ...unmeasured];
  return blind.length > 0 ? { verdict: 'missing', because: blind } : { verdict: 'green', because: [] };
}

const round = (value = 0): number => Math.round(value * 1_000) / 1_000;

/** Several samples as one: counted verdicts, worst figures, first and last instant. */
export interface WatchSummary {
  from: string;
  to: string;
  /** `green`, `red` and `missing` together. */
  samples: number;
  green: number;
  /** Critical ones, too. */
  red: number;
  /** Samples that prove nothing; never counted as green. */
  missing: number;
  /** Lines of requests in the log, over all samples. */
  requests: number;
  /** Worst value a rule. */
  worst: Record<string, number>;
}
