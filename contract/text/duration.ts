import { msToNumber } from '@temporalio/common/lib/time';
import { z } from 'zod';
import { shown } from './faults';

/** A duration as the Temporal SDK writes it, e.g. `24 hours`, `30 s`. */
export const durationSchema = z.string().refine(
  (text) => {
    try {
      return /\d\s*[a-z]/i.test(text) && msToNumber(text as Parameters<typeof msToNumber>[0]) >= 0;
    } catch {
      return false;
    }
  },
  { error: (issue) => `expected a duration such as "24 hours" or "30 s", found ${shown(issue.input)}` },
);

/** Milliseconds of a duration that `durationSchema` has accepted. */
export const toMs = (duration: string): number => msToNumber(duration as Parameters<typeof msToNumber>[0]);

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
