import { readLog, type LogRead, type ReadLogOptions } from './log-file';
import type { LogLine } from './line';
import { applyRule, emptyResult, mergeResults, withQuantiles, type RuleResult } from './results';
import { matches, type LogRule } from './rules';

/** Lines folded by rules; small, plain JSON, fit for a heartbeat. */
export interface LogSummary {
  /** Of whatever kind. */
  lineCount: number;
  /** Lines that are a JSON object. */
  jsonLineCount: number;
  /** First lines of Python tracebacks. */
  tracebackCount: number;
  /** Earliest instant of a JSON line, ISO; absent = none has one. */
  firstAt?: string;
  /** Latest one, likewise. */
  lastAt?: string;
  /** How often each event was seen, by name: to notice a renamed one. Names that are free text are one: `(free text)`. */
  events: Record<string, number>;
  /** Results by their rules' names. */
  rules: Record<string, RuleResult>;
}

/**
 * Reads a log and folds it by rules in one pass; `continueFrom` lets a burst reach over the border of two samples, and
 * `onLine` sees each line too, for what no rule can say.
 */
export async function summarizeLog({
  onLine,
  ...options
}: Omit<ReadLogOptions, 'onLine'> & {
  rules: readonly LogRule[];
  continueFrom?: LogSummary | undefined;
  onLine?: ReadLogOptions['onLine'] | undefined;
}): Promise<LogRead & { summary: LogSummary }> {
  const folding = startFolding(options.rules, options.continueFrom);
  const both = (line: LogLine): void => {
    folding.add(line);
    onLine?.(line);
  };
  const read = await readLog({ ...options, onLine: both });
  return { ...read, summary: folding.summary() };
}

/** Folds lines that are at hand. */
export function foldLines(lines: Iterable<LogLine>, rules: readonly LogRule[], continueFrom?: LogSummary): LogSummary {
  const folding = startFolding(rules, continueFrom);
  for (const line of lines) folding.add(line);
  return folding.summary();
}

const mostEvents = 200;
const eventName = /^[A-Za-z][A-Za-z0-9_.-]{0,79}$/;
const freeText = '(free text)';

function startFolding(rules: readonly LogRule[], continueFrom?: LogSummary) {
  const counts = { lineCount: 0, jsonLineCount: 0, tracebackCount: 0 };
  const events = new Map<string, number>();
  const named = new Set(rules.flatMap((rule) => [rule.match.event, 'of' in rule ? rule.of.event : undefined]));
  const results = rules.map((rule) => ({ rule, result: emptyResult(rule, continueFrom?.rules[rule.name]) }));
  let firstMs: number | undefined;
  let lastMs: number | undefined;

  return {
    add(line: LogLine): void {
      counts.lineCount += 1;
      if (line.kind === 'traceback') counts.tracebackCount += 1;
      if (line.kind !== 'json') return;
      counts.jsonLineCount += 1;
      if (line.atMs !== undefined) {
        firstMs = Math.min(firstMs ?? line.atMs, line.atMs);
        lastMs = Math.max(lastMs ?? line.atMs, line.atMs);
      }
      if (line.event !== undefined) {
        const isShown =
          named.has(line.event) || (eventName.test(line.event) && (events.has(line.event) || events.size < mostEvents));
        const name = isShown ? line.event : freeText;
        events.set(name, (events.get(name) ?? 0) + 1);
      }
      for (const each of results)
        if (matches(line, 'of' in each.rule ? each.rule.of : each.rule.match))
          applyRule(each, line, line.atMs ?? lastMs);
    },
    summary: (): LogSummary => ({
      ...counts,
      ...(firstMs === undefined ? {} : { firstAt: iso(firstMs) }),
      ...(lastMs === undefined ? {} : { lastAt: iso(lastMs) }),
      events: Object.fromEntries(events),
      rules: Object.fromEntries(results.map(({ rule, result }) => [rule.name, withQuantiles(result)])),
    }),
  };
}

/** Two summaries by the same rules, one after the other, as one. */
export function mergeSummaries(earlier: LogSummary, later: LogSummary): LogSummary {
  const events = new Map(Object.entries(earlier.events));
  for (const [event, count] of Object.entries(later.events)) events.set(event, (events.get(event) ?? 0) + count);
  const rules = Object.entries(later.rules).map(([name, result]): [string, RuleResult] => [
    name,
    mergeResults(earlier.rules[name], result),
  ]);
  const firstAt = earlier.firstAt ?? later.firstAt;
  const lastAt = later.lastAt ?? earlier.lastAt;
  return {
    lineCount: earlier.lineCount + later.lineCount,
    jsonLineCount: earlier.jsonLineCount + later.jsonLineCount,
    tracebackCount: earlier.tracebackCount + later.tracebackCount,
    ...(firstAt === undefined ? {} : { firstAt }),
    ...(lastAt === undefined ? {} : { lastAt }),
    events: Object.fromEntries(events),
    rules: { ...earlier.rules, ...Object.fromEntries(rules) },
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
