import { IANAZone } from 'luxon';

/** The clocks of a time zone, whatever its rules do to them in spring and in autumn. */

/** From `from`, and before `to`: instants in ms. */
export interface Span {
  from: number;
  to: number;
}

/** A span in which the clocks of a zone are as far ahead of UTC all the time, in ms. */
export interface Steady extends Span {
  aheadMs: number;
}

export const dayMs = 86_400_000;

/** Whether this is an IANA name such as `Europe/Berlin`, or `UTC`. */
export const isTimeZone = (name: string): boolean => IANAZone.isValidZone(name);

/** A span, divided where the clocks are set. No zone sets them twice within a day. */
export function* steadySpans(timeZone: string, { from, to }: Span): Generator<Steady> {
  const zone = IANAZone.create(timeZone);
  const aheadMs = (at: number): number => Math.round(zone.offset(at) * 60_000);
  let begins = from;
  let ahead = aheadMs(from);
  for (let at = from; at < to;) {
    const next = Math.min(at + dayMs, to);
    const then = aheadMs(next);
    if (then !== ahead) {
      const setAt = firstWith((instant) => aheadMs(instant) === then, { from: at, to: next });
      if (setAt > begins) yield { from: begins, to: setAt, aheadMs: ahead };
      [begins, ahead] = [setAt, then];
    }
    at = next;
  }
  if (to > begins) yield { from: begins, to, aheadMs: ahead };
}

/** The first instant for which something holds that holds from then on, and does at the end. */
function firstWith(holds: (at: number) => boolean, { from, to }: Span): number {
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle)) after = middle;
    else before = middle;
  }
  return after;
}
