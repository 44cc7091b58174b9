import { z } from 'zod';
import { toMs } from '../text/duration';
import type { Plan } from './plan';

/** When the policy lets production be changed. Times are those of the clocks of one time zone. */

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekday = (typeof weekdays)[number];

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

const minuteMs = 60_000;
const weekMinutes = 7 * 24 * 60;

/** How long production is at work from the new release to the drop, at the most that the plan allows. */
export const changeNeedsMs = ({ durations }: Pick<Plan, 'durations'>): number =>
  toMs(durations.maintenance) + toMs(durations.trial) + toMs(durations.lockGivesUp);

/** The first instant, not before `at`, from which windows stay open for so long. Undefined: there is none. */
export function nextOpening(windows: readonly ChangeWindow[], at: Date, needsMs: number): Date | undefined {
  if (windows.length === 0) return at;
  const [opening] = openings(windows, at, needsMs);
  return opening === undefined || opening > at ? opening : at;
}

/** Whether a window is open. */
export const isWindowOpen = (windows: readonly ChangeWindow[], at: Date): boolean =>
  windows.length === 0 || windows.some(holds(at));

/** The longest that somebody has to wait for an opening, in ms, whenever they begin to wait. Undefined: for ever. */
export function longestWaitMs(windows: readonly ChangeWindow[], at: Date, needsMs: number): number | undefined {
  if (windows.length === 0) return 0;
  let longest: number | undefined;
  let before: Date | undefined;
  for (const opening of openings(windows, at, needsMs)) {
    const waitMs = before === undefined ? 0 : opening.getTime() - before.getTime() - minuteMs;
    longest = Math.max(longest ?? 0, waitMs);
    before = opening;
  }
  return longest;
}

/** Each minute of two weeks from which windows stay open for so long; the first one may have begun. */
function* openings(windows: readonly ChangeWindow[], at: Date, needsMs: number): Generator<Date> {
  const needed = Math.max(1, Math.ceil(needsMs / minuteMs));
  const start = Math.floor(at.getTime() / minuteMs) * minuteMs;
  let stays = 0; // minutes that it has been open for
  for (let minute = 0; minute < 2 * weekMinutes + needed; minute += 1) {
    stays = isWindowOpen(windows, new Date(start + minute * minuteMs)) ? stays + 1 : 0;
    if (stays >= needed) yield new Date(start + (minute - needed + 1) * minuteMs);
  }
}

const holds =
  (at: Date) =>
  ({ days, from, to, timeZone }: ChangeWindow): boolean => {
    const { day, time } = localTime(at, timeZone);
    return days.includes(day) && time >= from && time < to;
  };

function localTime(at: Date, timeZone: string): { day: Weekday; time: string } {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return { day: (parts['weekday'] ?? '').toLowerCase() as Weekday, time: `${parts['hour']}:${parts['minute']}` };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const clock = new Intl.DateTimeFormat('en-US', { ...parts, timeZone });
  clocks.set(timeZone, clock);
  return clock;
}

function isTimeZone(name: string): boolean {
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}
