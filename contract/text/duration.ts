import ms from 'ms';
import { z } from 'zod';
import { shown } from './faults';

/** A duration as `ms` and the Temporal SDK read it, with its unit: `24 hours`, `30 s`. */
export const durationSchema = z.string().refine((text) => /\d\s*[a-z]/i.test(text) && numberOf(text) >= 0, {
  error: (issue) => `expected a duration such as "24 hours" or "30 s", found ${shown(issue.input)}`,
});

/** Milliseconds of a duration that `durationSchema` has accepted. */
export const toMs = (duration: string): number => numberOf(duration);

/** NaN for what is no duration; `ms` itself throws for an empty text, and returns nothing for one above 100 characters. */
const numberOf = (text: string): number => (text === '' ? NaN : (ms(text as ms.StringValue) ?? NaN));

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** Milliseconds for a reader: the two largest units, e.g. `23 h 45 min`, `1.2 s`, `80 ms`. */
export function readableDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1_000) * 1_000;
  for (const [unit, size] of units) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(' ');
}
