import * as fc from 'fast-check';
import { isOpenFor, nextOpening, type ChangeCalendar } from '../../../contract/plan/change-calendar';
import type { ChangeFreeze } from '../../../contract/plan/change-freeze';
import type { ChangeWindow } from '../../../contract/plan/change-window';

/**
 * The calendar beside a model that asks the clocks of each zone minute by minute, around days on which they are set. The clocks are
 * those of the platform (`Intl`), not those of the calendar.
 */

const minute = 60_000;
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A span of some days around each, with a zone whose clocks are set then: by an hour or by half of one, at night or at midnight. */
const settings = [
  ['2026-03-28', 'Europe/Berlin'],
  ['2026-10-24', 'Europe/Berlin'],
  ['2027-03-13', 'America/New_York'],
  ['2027-11-06', 'America/New_York'],
  ['2026-10-03', 'Australia/Lord_Howe'],
  ['2027-04-03', 'Australia/Lord_Howe'],
  ['2026-09-05', 'America/Santiago'],
  ['2027-04-03', 'America/Santiago'],
  ['2026-06-01', 'Asia/Kathmandu'],
] as const;
const lengthMinutes = 4 * 24 * 60;

const pad = (number: number): string => String(number).padStart(2, '0');
const time = (minutes: number): string => `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;

const ordered = (most: number) =>
  fc.tuple(fc.nat(most - 1), fc.nat(most)).map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a + 1]));

/** Of the ten days around the day on which the clocks are set. */
const dayOf = (first: string, ahead: number): string =>
  new Date(Date.parse(first) + ahead * 1440 * minute).toISOString().slice(0, 10);

const cases = fc.constantFrom(...settings).chain(([day, zone]) => {
  const timeZone = fc.constantFrom(zone, zone, 'UTC', 'Asia/Kolkata');
  const window: fc.Arbitrary<ChangeWindow> = fc
    .record({ days: fc.subarray([...days], { minLength: 1 }), times: ordered(1440), timeZone })
    .map(({ times: [from, to], ...rest }) => ({ ...rest, from: time(from), to: time(to) }));
  const freeze: fc.Arbitrary<ChangeFreeze> = fc
    .record({ span: ordered(6 * 1440 - 1), whole: fc.boolean(), timeZone })
    .map(({ span: [from, to], whole, ...rest }) => {
      const moment = (at: number): string =>
        `${dayOf(day, Math.floor(at / 1440) - 2)}${whole ? '' : ` ${time(at % 1440)}`}`;
      return { ...rest, from: moment(from), to: moment(to), because: 'a test' };
    });
  return fc.record({
    day: fc.constant(day),
    windows: fc.array(window, { maxLength: 3 }),
    freezes: fc.array(freeze, { maxLength: 2 }),
    from: fc.nat(lengthMinutes / 2),
    needs: fc.oneof(fc.nat(10), fc.nat(600)),
  });
});

test('it agrees with the clocks, minute by minute, where they are set', () => {
  fc.assert(
    fc.property(cases, ({ day, windows, freezes, from, needs }) => {
      const calendar: ChangeCalendar = { windows, freezes };
      const start = Date.parse(day) - 1440 * minute;
      const open = modelled(calendar, start);
      const at = new Date(start + from * minute);
      const wanted = firstRun(open, from, needs);
      const found = nextOpening(calendar, at, needs * minute);
      const foundMinutes = found === undefined ? undefined : (found.getTime() - start) / minute;
      // What the model does not see any more it says nothing about.
      if (wanted !== undefined) expect(foundMinutes).toBe(wanted);
      else expect(foundMinutes ?? Infinity).toBeGreaterThan(lengthMinutes - Math.max(1, needs));
      expect(isOpenFor(calendar, at, 0)).toBe(open[from]);
      expect(isOpenFor(calendar, at, needs * minute)).toBe(wanted === from);
    }),
    { numRuns: 300 },
  );
});

/** Of each minute, whether production may be changed in it. */
function modelled({ windows = [], freezes = [] }: ChangeCalendar, start: number): boolean[] {
  const isFrozen = freezes.map((freeze) => frozenBy(freeze, start));
  return Array.from({ length: lengthMinutes }, (_, index) => {
    const inWindow = windows.some((window) => {
      const { weekday, clock } = shown(start + index * minute, window.timeZone);
      return window.days.includes(weekday) && clock >= window.from && clock < window.to;
    });
    return (windows.length === 0 || inWindow) && !isFrozen.some((each) => each(index));
  });
}

/** By a look at each minute of some more days: after the first that shows its begin or later, before the last that shows less than its end. */
function frozenBy({ from, to, timeZone }: ChangeFreeze, start: number): (index: number) => boolean {
  const begins = from.length > 10 ? from : `${from} 00:00`;
  const ends = to.length > 10 ? to : `${to} 24:00`;
  const around = 4 * 1440;
  let [first, last] = [Infinity, -Infinity];
  for (let index = -around; index < lengthMinutes + around; index += 1) {
    const { date, clock } = shown(start + index * minute, timeZone);
    const reads = `${date} ${clock}`;
    if (reads >= begins) first = Math.min(first, index);
    if (reads < ends) last = index;
  }
  return (index) => index >= first && index <= last;
}

/** The first minute, not before `from`, after which so many are open; undefined: not in sight. */
function firstRun(open: boolean[], from: number, needs: number): number | undefined {
  let stays = 0;
  for (let index = from; index < open.length; index += 1) {
    stays = open[index] === true ? stays + 1 : 0;
    if (stays >= Math.max(1, needs)) return index - Math.max(1, needs) + 1;
  }
  return undefined;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
const seen = new Map<string, ReturnType<typeof read>>();

function shown(at: number, timeZone: string): ReturnType<typeof read> {
  const key = `${at} ${timeZone}`;
  const known = seen.get(key);
  if (known !== undefined) return known;
  const now = read(at, timeZone);
  seen.set(key, now);
  return now;
}

function read(at: number, timeZone: string): { weekday: (typeof days)[number]; clock: string; date: string } {
  const clock = clocks.get(timeZone) ?? clockOf(timeZone);
  clocks.set(timeZone, clock);
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    weekday: (parts['weekday'] ?? '').toLowerCase() as (typeof days)[number],
    clock: `${parts['hour']}:${parts['minute']}`,
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
  };
}

const clockOf = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    ...{ weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone },
  });
