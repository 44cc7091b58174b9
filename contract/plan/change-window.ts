import { z } from 'zod';
import { dayMs, isTimeZone, steadySpans, type Span, type Steady } from './time-zone';

/** When the policy lets production be changed, each week. Times are those of the clocks of one time zone. */

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of the day such as "09:30", or "24:00"');

/** From `from` until `to` of the same day; what reaches over midnight is two windows. */
export const changeWindowSchema = z
  .strictObject({
    days: z.array(z.enum(weekdays)).min(1),
    from: timeOfDay,
    to: timeOfDay,
    /** IANA name, e.g. `Europe/Berlin`. */
    timeZone: z.string().refine(isTimeZone, 'expected a time zone such as "Europe/Berlin" or "UTC"'),
  })
  .refine(({ from, to }) => from < to, {
    path: ['to'],
    message: 'expected a time after "from"; a window over midnight is two windows',
  });

export type ChangeWindow = z.infer<typeof changeWindowSchema>;

const weekMs = 7 * dayMs;

/**
 * When at least one of these is open, in order; windows that meet are one. What the clocks show twice is open twice, what they skip is
 * not. Without windows all of it is open.
 */
export function* openSpans(windows: readonly ChangeWindow[], { from, to }: Span): Generator<Span> {
  if (windows.length === 0) {
    yield { from, to };
    return;
  }
  let last: Span | undefined;
  for (let at = from; at < to; at += weekMs) {
    const week = { from: at, to: Math.min(at + weekMs, to) };
    for (const span of inWeek(windows, week)) {
      if (last !== undefined && span.from <= last.to) last.to = Math.max(last.to, span.to);
      else {
        if (last !== undefined) yield last;
        last = span;
      }
    }
  }
  if (last !== undefined) yield last;
}

function inWeek(windows: readonly ChangeWindow[], week: Span): Span[] {
  const zones = [...new Set(windows.map(({ timeZone }) => timeZone))];
  const spans = zones.flatMap((zone) => {
    const steady = [...steadySpans(zone, week)];
    return windows.filter(({ timeZone }) => timeZone === zone).flatMap((window) => steady.flatMap(inSteady(window)));
  });
  return spans.sort((a, b) => a.from - b.from);
}

/** While nobody sets the clocks they show each time once a day. */
const inSteady =
  ({ days, from, to }: ChangeWindow) =>
  ({ aheadMs, ...steady }: Steady): Span[] => {
    const spans: Span[] = [];
    for (let day = dayOf(steady.from + aheadMs); day * dayMs < steady.to + aheadMs; day += 1) {
      if (!days.includes(weekdayOf(day))) continue;
      const midnight = day * dayMs - aheadMs;
      const begins = Math.max(steady.from, midnight + msOf(from));
      const ends = Math.min(steady.to, midnight + msOf(to));
      if (begins < ends) spans.push({ from: begins, to: ends });
    }
    return spans;
  };

/** Since the first of January 1970, which was a Thursday. */
const dayOf = (clockMs: number): number => Math.floor(clockMs / dayMs);
const weekdayOf = (day: number): (typeof weekdays)[number] => weekdays[(((day + 3) % 7) + 7) % 7] ?? 'thu';

function msOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
}
