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

/** `removes[0].column` from zod's path. */
export const fieldName = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? String(part) : `${name}.${String(part)}`;
  }, '') || 'input';

/** A shortened, one-line rendering of what somebody sent, for messages. */
export function shown(value: unknown, limit = 60): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
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
