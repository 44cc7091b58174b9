import { DateTime } from 'luxon';
import { z } from 'zod';
import { dayMs, isTimeZone, steadySpans, type Span } from './time-zone';

/** When the policy lets production not be changed at all, by date: a year's end, a sale, an audit. */

const form = /^\d{4}-\d{2}-\d{2}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d)?$/;
const moment = z
  .string()
  .refine(isMoment, 'expected a date such as "2026-12-18", or with a time of the day, "2026-12-18 18:00"');

/** By the clocks of one time zone. What a fall back shows twice is frozen both times. */
export const changeFreezeSchema = z
  .strictObject({
    /** First day; or the moment from which it holds. */
    from: moment,
    /** Last day, which is frozen as a whole; or the moment at which it ends. */
    to: moment,
    /** IANA name, e.g. `Europe/Berlin`. */
    timeZone: z.string().refine(isTimeZone, 'expected a time zone such as "Europe/Berlin" or "UTC"'),
    /** Shown to whoever is kept waiting by it. */
    because: z.string().min(1).max(200),
  })
  .refine(({ from, to }) => !isMoment(from) || !isMoment(to) || clockMs(from) < endMs(to), {
    path: ['to'],
    message: 'expected a day or a moment after "from"',
  });

export type ChangeFreeze = z.infer<typeof changeFreezeSchema>;

/** From the first moment whose clock shows `from` or later, until after the last whose clock shows earlier than `to`. */
export function spanOf({ from, to, timeZone }: Pick<ChangeFreeze, 'from' | 'to' | 'timeZone'>): Span {
  const [begins, ends] = [clockMs(from), endMs(to)];
  const shown = [...steadySpans(timeZone, { from: begins - 2 * dayMs, to: ends + 2 * dayMs })];
  const starts = shown.filter((part) => part.to + part.aheadMs > begins);
  const before = shown.filter((part) => part.from + part.aheadMs < ends);
  return {
    from: Math.min(...starts.map((part) => Math.max(part.from, begins - part.aheadMs))),
    to: Math.max(...before.map((part) => Math.min(part.to, ends - part.aheadMs))),
  };
}

/** What a clock shows, as if it were one of UTC. */
const clockMs = (text: string): number => DateTime.fromISO(text.replace(' ', 'T'), { zone: 'utc' }).toMillis();

const endMs = (text: string): number => clockMs(text) + (text.length > 'YYYY-MM-DD'.length ? 0 : dayMs);

/** There is no 30th of February. */
function isMoment(text: string): boolean {
  return form.test(text) && DateTime.fromISO(text.replace(' ', 'T'), { zone: 'utc' }).isValid;
}
