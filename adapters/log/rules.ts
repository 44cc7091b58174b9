import type { LogLine } from './line';

/**
 * A test of one field. A plain value must be equal (a number written as text counts as the same); text that ends in `*`
 * means "begins with".
 */
export type FieldTest =
  | string
  | number
  | boolean
  | { atLeast?: number | undefined; atMost?: number | undefined; contains?: string | undefined };

/** Which lines are meant: everything given must hold. The event is matched exactly, whole. */
export interface EventMatcher {
  /** Absent = any line, also one without an event. */
  event?: string | undefined;
  /** Upper and lower case are the same. */
  level?: string | undefined;
  /** All of these tests must hold; one of a field that a line lacks does not. */
  fields?: Readonly<Record<string, FieldTest>> | undefined;
  /** Lines for which all tests of one of these hold are not meant. */
  except?: readonly Readonly<Record<string, FieldTest>>[] | undefined;
}

/** What to fold the lines into; `name` is the key of its result. */
export type LogRule =
  | { name: string; kind: 'count'; match: EventMatcher }
  /** Quantiles of a numeric field. */
  | { name: string; kind: 'quantiles'; match: EventMatcher; field: string }
  /** How many of the lines that match `of` match `match` too. */
  | { name: string; kind: 'share'; match: EventMatcher; of: EventMatcher }
  /** The most matching lines within any window of `windowMs`. */
  | { name: string; kind: 'burst'; match: EventMatcher; windowMs: number };

/** Whether a line is meant. Plain text never is. */
export function matches(line: LogLine, { event, level, fields, except }: EventMatcher): boolean {
  if (line.fields === undefined) return false;
  if (event !== undefined && line.event !== event) return false;
  if (level !== undefined && line.level?.toLowerCase() !== level.toLowerCase()) return false;
  if (fields !== undefined && !allHold(line.fields, fields)) return false;
  return !except?.some((tests) => allHold(line.fields ?? {}, tests));
}

function allHold(fields: Readonly<Record<string, unknown>>, tests: Readonly<Record<string, FieldTest>>): boolean {
  return Object.entries(tests).every(([name, test]) => Object.hasOwn(fields, name) && holds(fields[name], test));
}

function holds(value: unknown, test: FieldTest): boolean {
  if (typeof test === 'object') {
    if (test.contains !== undefined && !(typeof value === 'string' && value.includes(test.contains))) return false;
    if (test.atLeast !== undefined && !(typeof value === 'number' && value >= test.atLeast)) return false;
    return test.atMost === undefined || (typeof value === 'number' && value <= test.atMost);
  }
  if (typeof value === 'object') return false;
  if (typeof test === 'string' && test.endsWith('*')) return String(value).startsWith(test.slice(0, -1));
  return String(value) === String(test);
}
