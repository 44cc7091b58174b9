import { checkWindows } from '../../../activities/preflight/check-windows';
import { createFindWindow } from '../../../activities/approval/find-window';
import { requireOpenWindow } from '../../../activities/state/point-of-no-return';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { ChangeCalendar } from '../../../contract/plan/change-calendar';
import type { ChangeFreeze } from '../../../contract/plan/change-freeze';
import { changeNeedsMs } from '../../../contract/plan/change-time';
import type { ChangeWindow } from '../../../contract/plan/change-window';
import { firstPlan } from '../../support/stages/sample-environment';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

const { plan } = firstPlan();
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** All of the day that is so many days from now. */
const wholeDay = (ahead: number): ChangeWindow => ({
  days: [days[(new Date().getUTCDay() + ahead) % 7]!],
  ...{ from: '00:00', to: '24:00', timeZone: 'UTC' },
});
const always = [0, 1, 2, 3, 4, 5, 6].map(wholeDay);

let database: TestDatabase;
beforeAll(async () => (database = await createDatabase()));
afterAll(() => database.drop());

const required = (windows: ChangeWindow[], rest: { freezes?: ChangeFreeze[]; needsMs?: number } = {}): Promise<void> =>
  openPostgres({ url: database.url, applicationName: 'test' }).withClient((client) =>
    requireOpenWindow(client, { windows, freezes: rest.freezes }, rest.needsMs ?? 0),
  );

const dayMs = 86_400_000;
/** The date so many days from now, in UTC. */
const dateIn = (ahead: number): string => new Date(Date.now() + ahead * dayMs).toISOString().slice(0, 10);
const frozen = (from: number, to: number): ChangeFreeze => ({
  ...{ from: dateIn(from), to: dateIn(to), timeZone: 'UTC', because: 'year end' },
});

test('by the clock of the database a drop outside every window is refused, with the next opening', async () => {
  await expect(required([])).resolves.toBeUndefined();
  await expect(required(always)).resolves.toBeUndefined();
  const midnight = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  await expect(required([wholeDay(2)])).rejects.toMatchObject({
    ...{ type: 'WrongState', nonRetryable: true },
    message: expect.stringContaining(`the next one opens at ${midnight} 00:00:00 UTC; nothing was changed`),
  });
});

test('nor is it dropped in a freeze, nor where too little of a window is left for the monitor', async () => {
  await expect(required([], { freezes: [frozen(3, 5)] })).resolves.toBeUndefined();
  await expect(required([], { freezes: [frozen(0, 5)] })).rejects.toThrow(`opens at ${dateIn(6)} 00:00:00 UTC`);
  await expect(required(always, { freezes: [frozen(-9, -1)] })).resolves.toBeUndefined();
  await expect(required([wholeDay(0)], { needsMs: dayMs })).rejects.toThrow(
    /^expected an open change window with 1 d left for the monitor, found that the next one opens at/,
  );
});

test('production is changed from the next opening on', async () => {
  const find = (windows?: ChangeWindow[], freezes?: ChangeFreeze[]) =>
    createFindWindow({ policy: { ...(windows && { windows }), ...(freezes && { freezes }) } })(plan);
  const before = Date.now();
  const { opensAt, doneBy } = await find();
  expect(Date.parse(opensAt) - before).toBeLessThan(10_000);
  expect(Date.parse(doneBy) - Date.parse(opensAt)).toBe(changeNeedsMs(plan));
  const midnight = new Date(before + 2 * 86_400_000).toISOString().slice(0, 10);
  expect((await find([wholeDay(2)])).opensAt).toBe(`${midnight}T00:00:00.000Z`);
  expect(await find(undefined, [frozen(0, 2)])).toMatchObject({
    ...{ open: false, opensAt: `${dateIn(3)}T00:00:00.000Z` },
    because: `a freeze from ${dateIn(0)} 00:00:00 UTC to ${dateIn(3)} 00:00:00 UTC (year end)`,
  });
  expect(await find(undefined, [frozen(7, 9)])).toMatchObject({ open: true });
  // Long enough for the change, but not for the hour in which it is watched.
  const hasNoMonitor = always.map((day) => ({ ...day, from: '09:00', to: '10:00' }));
  expect(changeNeedsMs(plan)).toBeLessThan(3_600_000);
  await expect(find(hasNoMonitor)).rejects.toThrow(/at least 1 h 20 min, with the time for the monitor, found none/);
  const short = [{ ...wholeDay(1), from: '10:00', to: '10:10' }];
  await expect(find(short)).rejects.toThrow(/^expected a change window of at least .* found none; see policy.windows/);
});

const check = (calendar: ChangeCalendar) => checkWindows(calendar, plan, { soakMs: dayMs, now: new Date() });

test('preflight finds windows that are too short, and an approval that would expire before the next one', () => {
  expect(check({})).toEqual([]);
  expect(check({ windows: always }).map(({ status }) => status)).toEqual(['passed', 'passed']);
  expect(check({ windows: [{ ...wholeDay(1), from: '10:00', to: '10:10' }] })).toMatchObject([
    { check: 'change windows', status: 'failed', found: 'none' },
  ]);
  const daily = always.map((day) => ({ ...day, from: '09:00', to: '16:00' }));
  expect(check({ windows: daily }).map(({ status }) => status)).toEqual(['passed', 'passed']);
  expect(check({ windows: daily.slice(0, 5) })).toMatchObject([
    { check: 'change windows', status: 'passed' },
    {
      ...{ check: 'change windows and approval', status: 'failed', found: 'gateExpiry 24 hours' },
      remedy: 'set durations.gateExpiry of the plan to 67 hours',
    },
  ]);
});

test('preflight finds a freeze in which the approval would expire, and tells one that only delays the change', () => {
  expect(check({ freezes: [frozen(7, 9)] })).toEqual([]);
  expect(check({ freezes: [frozen(0, 20)] })).toMatchObject([
    {
      ...{ check: 'freezes', status: 'failed' },
      found: `a freeze from ${dateIn(0)} 00:00:00 UTC to ${dateIn(21)} 00:00:00 UTC (year end): it could begin ${dateIn(21)} 00:00:00 UTC`,
      remedy: expect.stringContaining('"override"'),
    },
  ]);
  expect(check({ freezes: [frozen(0, 0)] })).toEqual([]); // over before anybody is asked
  const until = new Date(Date.now() + dayMs + 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
  expect(check({ freezes: [{ ...frozen(0, 9), to: until }] })).toMatchObject([{ check: 'freezes', status: 'passed' }]);
});
