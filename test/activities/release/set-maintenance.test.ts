import { createSetMaintenance } from '../../../activities/release/set-maintenance';
import type { ActionWithCheck, FindEnvironment } from '../../../activities/environment/environment';
import { maintenanceLeaseId } from '../../../contract/run/names';
import { orderOf } from '../../support/stages/sample-environment';
import { asActivity } from '../../support/looks/as-activity';
import { openPlatformEnvironment, type PlatformEnvironment } from '../../support/stages/staged-environment';
import { openTestTemporal, type TestTemporal } from '../../support/servers/temporal-client';
import { until } from '../../support/looks/until';

let staged: PlatformEnvironment;
let server: TestTemporal;
beforeAll(async () => {
  [staged, server] = await Promise.all([openPlatformEnvironment(), openTestTemporal()]);
});
afterAll(() => Promise.all([staged.close(), server.close()]));
afterEach(() => set(false));

const run = { target: 'agent-api', workflowId: 'agent-api/plan/2026-11', firstRun: 'first' };
const set = (on: boolean, environment: FindEnvironment = staged.find, temporal = server.temporal) =>
  createSetMaintenance({ environment, temporal })({ ...orderOf(staged.plan, run), on, deadlineMs: 60_000 });

const withAction = (action: Partial<ActionWithCheck>): FindEnvironment => {
  const given = staged.environment.application.actions.maintenance!;
  return staged.findWith({}, { actions: { maintenance: { ...given, ...action } } });
};
const state = async () =>
  (await (await fetch(`${staged.platform.controlUrl}/state`)).json()) as Record<string, unknown>;
const lease = () => server.temporal.describe(maintenanceLeaseId('agent-api', 'staging'));
/** No worker serves it here: a signal is all that it can get. */
const leaseSignals = async (): Promise<number> => {
  const { runId } = (await lease())!;
  const history = await server.client.workflow
    .getHandle(maintenanceLeaseId('agent-api', 'staging'), runId)
    .fetchHistory();
  return history.events?.filter(({ workflowExecutionSignaledEventAttributes: signaled }) => signaled).length ?? 0;
};

test('maintenance goes on with a lease, and off again; second runs change nothing', async () => {
  await set(true);
  const on = await state();
  expect(on.maintenance).toBe(true);
  expect(await lease()).toMatchObject({ open: true, type: 'maintenanceLease', memo: { holder: run.workflowId } });
  await set(true);
  expect(await state()).toEqual(on);

  const signalsBefore = await leaseSignals();
  await set(false);
  expect((await state()).maintenance).toBe(false);
  expect(await leaseSignals()).toBe(signalsBefore + 1);
  await set(false);
  expect((await state()).maintenance).toBe(false);
});

test('the lease is open before maintenance goes on: without Temporal it stays off', async () => {
  const gone = { ...server.temporal, start: () => Promise.reject(new Error('no connection')) };
  await expect(set(true, staged.find, gone)).rejects.toThrow('no connection');
  expect((await state()).maintenance).toBe(false);
});

test('the lease is not closed while maintenance is still on', async () => {
  await set(true);
  const before = await leaseSignals();
  const broken = withAction({ action: { command: [process.execPath, '-e', 'process.exit(1)'] } });
  await expect(set(false, broken)).rejects.toMatchObject({
    type: 'ActionFailed',
    message: expect.stringMatching(
      /^expected maintenance off in staging within 5.0 s, found: the action "maintenance" says: expected exit status 0, found 1; its check says: .*maintenance = false, found true/,
    ),
  });
  expect(await leaseSignals()).toBe(before);
  expect((await state()).maintenance).toBe(true);
});

test('an action that fails but has had its effect is fine', async () => {
  const script = `fetch(process.argv[1] + '?on=' + process.env.RUBICON_ON, { method: 'POST' }).then(() => process.exit(1))`;
  const command = [process.execPath, '-e', script, `${staged.platform.controlUrl}/maintenance`];
  await set(true, withAction({ action: { command } }));
  expect((await state()).maintenance).toBe(true);
});

test('an action that says "done" without an effect fails within its limit', async () => {
  const lying = withAction({ action: { command: [process.execPath, '-e', ''] }, limitMs: 500 });
  await expect(set(true, lying)).rejects.toMatchObject({ type: 'ActionFailed', nonRetryable: true });
});

test('a platform that is down fails, and the lease stays open', async () => {
  const post = 'http://127.0.0.1:1/maintenance';
  const check = { get: 'http://127.0.0.1:1/state', expect: { maintenance: '$on' } };
  await expect(set(true, withAction({ action: { post }, check }))).rejects.toMatchObject({
    type: 'ActionFailed',
    message: expect.stringMatching(/the action "maintenance" says: .+; its check says: expected an answer/),
  });
  expect(await lease()).toMatchObject({ open: true });
});

test('one that is stopped half-way is finished by the next run', async () => {
  const stop = new AbortController();
  const slow = withAction({ action: { command: [process.execPath, '-e', 'setTimeout(() => {}, 60_000)'] } });
  const work = asActivity(() => set(true, slow), { signal: stop.signal });
  await until(async () => (await lease())?.open === true);
  stop.abort(new Error('the worker stops'));
  expect((await work).error?.message).toBe('the worker stops');
  await set(true);
  expect((await state()).maintenance).toBe(true);
});

test('what a person has to do is asked of a person', async () => {
  const person = withAction({ action: { person: 'call the operators' } });
  await expect(set(true, person)).rejects.toMatchObject({
    type: 'ActionFailed',
    message: 'expected maintenance on in staging; a person has to do it: call the operators; then answer "retry"',
  });
});

test('without an action nothing happens', async () => {
  await expect(set(true, staged.findWith({}, { actions: {} }))).resolves.toBeUndefined();
  expect((await state()).maintenance).toBe(false);
});
