import { checkWindows } from '../../../activities/preflight/check-windows';
import { createFindWindow } from '../../../activities/approval/find-window';
import { requireOpenWindow } from '../../../activities/state/point-of-no-return';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { changeNeedsMs, type ChangeWindow } from '../../../contract/plan/change-window';
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

const required = (windows: ChangeWindow[]): Promise<void> =>
  openPostgres({ url: database.url, applicationName: 'test' }).withClient((client) =>
    requireOpenWindow(client, windows),
  );

test('by the clock of the database a drop outside every window is refused, with the next opening', async () => {
  await expect(required([])).resolves.toBeUndefined();
  await expect(required(always)).resolves.toBeUndefined();
  const midnight = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  await expect(required([wholeDay(2)])).rejects.toMatchObject({
    ...{ type: 'WrongState', nonRetryable: true },
    message: expect.stringContaining(`the next one opens at ${midnight} 00:00:00 UTC; nothing was changed`),
  });
});

test('production is changed from the next opening on', async () => {
  const find = (windows?: ChangeWindow[]) => createFindWindow({ policy: { ...(windows && { windows }) } })(plan);
  const before = Date.now();
  const { opensAt, doneBy } = await find();
  expect(Date.parse(opensAt) - before).toBeLessThan(10_000);
  expect(Date.parse(doneBy) - Date.parse(opensAt)).toBe(changeNeedsMs(plan));
  const midnight = new Date(before + 2 * 86_400_000).toISOString().slice(0, 10);
  expect((await find([wholeDay(2)])).opensAt).toBe(`${midnight}T00:00:00.000Z`);
  const short = [{ ...wholeDay(1), from: '10:00', to: '10:10' }];
  await expect(find(short)).rejects.toThrow(/^expected a change window of at least .* found none; see policy.windows/);
});

test('preflight finds windows that are too short, and an approval that would expire before the next one', () => {
  expect(checkWindows([], plan)).toEqual([]);
  expect(checkWindows(always, plan).map(({ status }) => status)).toEqual(['passed', 'passed']);
  expect(checkWindows([{ ...wholeDay(1), from: '10:00', to: '10:10' }], plan)).toMatchObject([
    { check: 'change windows', status: 'failed', found: 'none' },
  ]);
  const daily = always.map((day) => ({ ...day, from: '09:00', to: '16:00' }));
  expect(checkWindows(daily, plan).map(({ status }) => status)).toEqual(['passed', 'passed']);
  expect(checkWindows(daily.slice(0, 5), plan)).toMatchObject([
    { check: 'change windows', status: 'passed' },
    {
      ...{ check: 'change windows and approval', status: 'failed', found: 'gateExpiry 24 hours' },
      remedy: 'set durations.gateExpiry of the plan to 66 hours',
    },
  ]);
});
