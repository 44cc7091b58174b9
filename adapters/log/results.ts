import { emptyHistogram, mergeHistograms, quantile, record, type Histogram } from './histogram';
import type { LogLine } from './line';
import { matches, type LogRule } from './rules';

/** What became of a rule. No value of a line is in it, only counts, instants and figures. */
export type RuleResult =
  | { kind: 'count'; count: number; firstAt?: string; lastAt?: string }
  /** `unreadable`: matching lines whose field is no number >= 0. Quantiles are within 1 %, absent without values. */
  | { kind: 'quantiles'; histogram: Histogram; unreadable: number; p50?: number; p95?: number; p99?: number }
  | { kind: 'share'; matching: number; total: number }
  /** `recentMs`: instants within the last window, to continue from; at most 1,000, beyond which `most` says "at least". */
  | { kind: 'burst'; count: number; most: number; mostAt?: string; recentMs: number[] };

const mostRecent = 1_000;

/** The result of a rule before its first line; a burst continues where an earlier one stopped. */
export function emptyResult(rule: LogRule, earlier: RuleResult | undefined): RuleResult {
  switch (rule.kind) {
    case 'count':
      return { kind: 'count', count: 0 };
    case 'quantiles':
      return { kind: 'quantiles', histogram: emptyHistogram(), unreadable: 0 };
    case 'share':
      return { kind: 'share', matching: 0, total: 0 };
    case 'burst':
      return { kind: 'burst', count: 0, most: 0, recentMs: earlier?.kind === 'burst' ? [...earlier.recentMs] : [] };
  }
}

/** Takes one line (that matches `of` or `match`) into a rule's result, in place. */
export function applyRule(
  { rule, result }: { rule: LogRule; result: RuleResult },
  line: LogLine,
  atMs: number | undefined,
): void {
  if (result.kind === 'count') {
    result.count += 1;
    if (atMs === undefined) return;
    result.firstAt ??= iso(atMs);
    result.lastAt = iso(atMs);
  } else if (result.kind === 'quantiles' && rule.kind === 'quantiles') {
    const value = line.fields?.[rule.field];
    if (typeof value === 'number' && value >= 0) record(result.histogram, value);
    else result.unreadable += 1;
  } else if (result.kind === 'share') {
    result.total += 1;
    if (matches(line, rule.match)) result.matching += 1;
  } else if (result.kind === 'burst' && rule.kind === 'burst') {
    result.count += 1;
    if (atMs !== undefined) addToBurst(result, atMs, rule.windowMs);
  }
}

function addToBurst(result: Extract<RuleResult, { kind: 'burst' }>, atMs: number, windowMs: number): void {
  const recent = result.recentMs;
  let place = recent.length;
  while (place > 0 && (recent[place - 1] ?? 0) > atMs) place -= 1; // lines are in order but for seconds
  recent.splice(place, 0, atMs);
  const newestMs = recent.at(-1) ?? atMs;
  while (recent.length > mostRecent || (recent[0] ?? newestMs) <= newestMs - windowMs) recent.shift();
  if (recent.length <= result.most) return;
  result.most = recent.length;
  result.mostAt = iso(newestMs);
}

/** Adds what can be read off a histogram. */
export function withQuantiles(result: RuleResult): RuleResult {
  if (result.kind !== 'quantiles' || result.histogram.count === 0) return result;
  const at = (share: number): number => quantile(result.histogram, share) ?? 0;
  return { ...result, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/**
 * Two results of one rule, one after the other, as one.
 *
 * @throws Error if they are of two kinds
 */
export function mergeResults(a: RuleResult | undefined, b: RuleResult): RuleResult {
  if (a === undefined) return b;
  if (a.kind === 'count' && b.kind === 'count') {
    return { ...a, ...b, count: a.count + b.count, ...(a.firstAt === undefined ? {} : { firstAt: a.firstAt }) };
  }
  if (a.kind === 'quantiles' && b.kind === 'quantiles') {
    const histogram = mergeHistograms(a.histogram, b.histogram);
    return withQuantiles({ kind: 'quantiles', histogram, unreadable: a.unreadable + b.unreadable });
  }
  if (a.kind === 'share' && b.kind === 'share') {
    return { kind: 'share', matching: a.matching + b.matching, total: a.total + b.total };
  }
  if (a.kind === 'burst' && b.kind === 'burst') {
    const { most, mostAt } = a.most >= b.most ? a : b;
    return { ...b, count: a.count + b.count, most, ...(mostAt === undefined ? {} : { mostAt }) };
  }
  throw new Error(
    `expected two results of one kind, found "${a.kind}" and "${b.kind}"; merge summaries of the same rules`,
  );
}

const iso = (ms: number): string => new Date(ms).toISOString();
