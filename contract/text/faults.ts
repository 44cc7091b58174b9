import type { z } from 'zod';

/** One thing that is wrong with an input, settings or a plan, and where. */
export interface Fault {
  /** A field (`removes[0].column`), a variable name, or `plan.yaml:12:5`. */
  place: string;
  message: string;
}

/** All faults, one a line, as people read them in a terminal, in Temporal UI and in Slack. */
export const faultLines = (faults: readonly Fault[]): string =>
  faults.map(({ place, message }) => `  - ${place}: ${message}`).join('\n');

/** As many as a person reads at once. */
export const mostFaults = 50;

/** Faults of a file in its order, and how many more there are. Those of the whole file come first. */
export function inOrder(faults: readonly Fault[]): Fault[] {
  const placed = faults.map((fault) => ({ fault, at: lineAndColumn(fault.place) }));
  placed.sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1]);
  const told = placed.slice(0, mostFaults).map(({ fault }) => fault);
  const more = faults.length - told.length;
  if (more <= 0) return told;
  return [...told, { place: told[0]?.place.split(':')[0] ?? '', message: `and ${more} more; correct these first` }];
}

/** Of `plan.yaml:12:5`. */
function lineAndColumn(place: string): [number, number] {
  const [, line = 0, column = 0] = /:(\d+):(\d+)$/.exec(place) ?? [];
  return [Number(line), Number(column)];
}

/** `removes[0].column` from zod's path. */
export const fieldName = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? String(part) : `${name}.${String(part)}`;
  }, '') || 'input';

/** A shortened, one-line rendering of what somebody sent, for messages. */
export function shown(value: unknown, limit = 60): string {
  const isLong = typeof value === 'string' && value.length > 2 * limit;
  const text =
    value === undefined ? 'nothing' : (JSON.stringify(isLong ? value.slice(0, limit) : value) ?? String(value));
  const length = isLong ? value.length : text.length;
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${length} characters)`;
}

/** zod's issues as faults; unknown fields are one fault each. */
export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    if (issue.code !== 'unrecognized_keys') return [{ place: fieldName(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({
      place: shown(fieldName([...issue.path, key])).slice(1, -1),
      message: 'unknown field',
    }));
  });
}
