import { changeWindowSchema, type ChangeWindow } from '../../../contract/plan/change-window';
import { isOpenFor, longestWaitMs, nextOpening } from '../../../contract/plan/change-calendar';

const hour = 3_600_000;
const office: ChangeWindow = {
  ...{ days: ['mon', 'tue', 'wed', 'thu'], from: '09:00', to: '16:00', timeZone: 'Europe/Berlin' },
};
const at = (iso: string): Date => new Date(iso);
const opening = (windows: ChangeWindow[], from: Date, needsMs: number): string | undefined =>
  nextOpening({ windows }, from, needsMs)?.toISOString();

test.each([
  ['within it', '2026-11-26T08:00:00Z', '2026-11-26T08:00:00.000Z'], // a Thursday, 09:00 in Berlin
  ['before it', '2026-11-26T03:12:30Z', '2026-11-26T08:00:00.000Z'],
  ['too late for what is to be done', '2026-11-26T13:30:01Z', '2026-11-30T08:00:00.000Z'],
  ['on a day without one', '2026-11-27T10:00:00Z', '2026-11-30T08:00:00.000Z'],
  ['after the change to summer time', '2026-03-29T12:00:00Z', '2026-03-30T07:00:00.000Z'],
])('%s: the next opening for two hours', (_, from, opens) => {
  expect(opening([office], at(from), 2 * hour)).toBe(opens);
});

test('without windows production can always be changed', () => {
  const now = at('2026-11-29T03:00:00Z');
  expect(isOpenFor({}, now, 0)).toBe(true);
  expect(nextOpening({}, now, 100 * hour)).toEqual(now);
  expect(longestWaitMs([], now, 100 * hour)).toBe(0);
});

test('a window is closed at its end', () => {
  expect(isOpenFor({ windows: [office] }, at('2026-11-26T14:59:59Z'), 0)).toBe(true);
  expect(isOpenFor({ windows: [office] }, at('2026-11-26T15:00:00Z'), 0)).toBe(false);
});

test('windows that meet are one; none is long enough for what needs more', () => {
  const evening: ChangeWindow = { ...office, days: ['tue'], from: '22:00', to: '24:00' };
  const night: ChangeWindow = { ...office, days: ['wed'], from: '00:00', to: '03:00' };
  const now = at('2026-11-26T00:00:00Z');
  expect(opening([night, evening], now, 5 * hour)).toBe('2026-12-01T21:00:00.000Z');
  expect(opening([night, evening], at('2026-04-01T00:00:00Z'), 6 * hour)).toBeUndefined();
  expect(longestWaitMs([night, evening], now, 6 * hour)).toBeUndefined();
});

test('the longest wait is the one over the weekend, in which nothing more can be begun on Thursday', () => {
  // From Thursday 14:00 until Monday 09:00.
  expect(longestWaitMs([office], at('2026-11-24T00:00:00Z'), 2 * hour)).toBe(4 * 24 * hour - 5 * hour);
});

test('every fault of a window is told', () => {
  const { error } = changeWindowSchema.safeParse({ days: ['monday'], from: '9:00', to: '25:00', timeZone: 'Berlin' });
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['days.0', 'from', 'to', 'timeZone']);
  const over = changeWindowSchema.safeParse({ ...office, from: '22:00', to: '02:00' });
  expect(over.error?.issues[0]?.message).toContain('two windows');
});
