/** One line of an application's log, taken apart. Its fields may hold secrets: they never leave the folding of rules. */
export interface LogLine {
  /** `traceback`: the line that begins one in Python. `plain`: any other text. */
  kind: 'json' | 'plain' | 'traceback';
  /** Milliseconds since 1970; absent = it says no time. */
  atMs?: number;
  /** Its field `event`; absent = none, or no text. */
  event?: string;
  /** Its field `level` as it is written; absent = none, or no text. */
  level?: string;
  /** Present for `json`. */
  fields?: Readonly<Record<string, unknown>>;
}

/** Kubernetes puts this before each line. */
const containerPrefix = /^\S+ (?:stdout|stderr) F (?=\{)/;

/** Reads one line: a JSON object with `timestamp`, `event`, `level`, alone or as Docker and Kubernetes wrap it; else plain text. */
export function parseLogLine(text: string): LogLine {
  const fields = parseObject(text.startsWith('{') ? text : text.replace(containerPrefix, ''));
  if (fields === undefined)
    return { kind: text.startsWith('Traceback (most recent call last)') ? 'traceback' : 'plain' };
  if (typeof fields.log === 'string' && typeof fields.stream === 'string') return parseLogLine(fields.log.trimEnd());
  const atMs = instantOf(fields.timestamp ?? fields.time);
  return {
    kind: 'json',
    fields,
    ...(atMs === undefined ? {} : { atMs }),
    ...(typeof fields.event === 'string' ? { event: fields.event } : {}),
    ...(typeof fields.level === 'string' ? { level: fields.level } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined; // a line that only looks like JSON is plain text
  }
}

/** Milliseconds since 1970 of an ISO instant (UTC if it names no zone) or of seconds or milliseconds as a number. */
function instantOf(value: unknown): number | undefined {
  const ms = typeof value === 'number' ? (value > 1e11 ? value : value * 1_000) : parseInstant(value);
  return ms >= earliestMs && ms < latestMs ? ms : undefined;
}

function parseInstant(value: unknown): number {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return NaN;
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
}

/** Other numbers called "time" (durations, garbage) are no instants. */
const earliestMs = Date.UTC(2000, 0);
const latestMs = Date.UTC(2200, 0);
