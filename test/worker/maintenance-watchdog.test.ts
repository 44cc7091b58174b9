import { createSetMaintenance } from '../../activities/release/set-maintenance';
import type { Environment } from '../../activities/environment/environment';
import { installStatements } from '../../sql/install';
import { startMaintenanceWatchdog } from '../../worker/maintenance-watchdog';
import { until } from '../support/looks/until';
import { decide } from '../support/stages/decided';
import { electorate, orderOf } from '../support/stages/sample-environment';
import { openPlatformEnvironment, type PlatformEnvironment } from '../support/stages/staged-environment';

// Temporal is not there: nobody but the worker itself can end it.

let staged: PlatformEnvironment;
let said: { level: string; text: string; of: object }[];
beforeAll(async () => {
  staged = await openPlatformEnvironment({ name: 'production', release: 'phase2' });
  for (const { sql } of installStatements({ environment: 'production', target: 'agent-api' }))
    await staged.stage.database.query(sql);
});
afterAll(() => staged.close());
beforeEach(() => {
  said = [];
});

const log = {
  warn: (of: object, text: string) => void said.push({ level: 'warn', of, text }),
  error: (of: object, text: string) => void said.push({ level: 'error', of, text }),
} as unknown as Parameters<typeof startMaintenanceWatchdog>[1];
const watchdog = (environment: Environment) => startMaintenanceWatchdog([environment], log, 50);

/** An environment that tells how often it was looked at, and may become another one. */
function observed(now: Environment): {
  environment: Environment;
  become: (other: Environment) => void;
  looks: () => number;
} {
  let [current, looks] = [now, 0];
  const get = (_: Environment, name: string): unknown => {
    if (name === 'application') looks += 1;
    return Reflect.get(current, name);
  };
  return { environment: new Proxy(now, { get }), become: (other) => (current = other), looks: () => looks };
}
const isOn = async (): Promise<unknown> =>
  ((await (await fetch(`${staged.platform.controlUrl}/state`)).json()) as Record<string, unknown>)['maintenance'];
const open = () => staged.stage.database.query('select workflow_id from rubicon.maintenance where ended_at is null');
const overdue = () =>
  staged.stage.database.query(
    `update rubicon.maintenance set deadline_at = clock_timestamp() - interval '1 s' where ended_at is null`,
  );

async function turnOn(): Promise<string> {
  const lease = { start: () => Promise.resolve('started' as const), signal: () => Promise.resolve(true) };
  const order = orderOf(staged.plan);
  const { decision } = await decide(staged.environment, order, { name: 'production' });
  const deps = { environment: staged.find, electorate, temporal: lease };
  await createSetMaintenance(deps)({ ...order, decision, on: true, deadlineMs: 60_000 });
  return order.run.workflowId;
}

test('maintenance is lifted once its deadline has passed, and not before', async () => {
  const workflowId = await turnOn();
  const { environment, looks } = observed(staged.environment);
  const stop = watchdog(environment);
  await until(() => looks() > 5);
  expect(await isOn()).toBe(true);
  await overdue();
  await until(async () => (await isOn()) === false);
  await until(async () => (await open()).length === 0);
  await stop();
  expect(said).toEqual([
    { level: 'warn', text: 'maintenance was overdue, and is lifted', of: { target: 'agent-api', workflowId } },
  ]);
});

test('one that cannot be lifted is told once, and tried until it can', async () => {
  await turnOn();
  await overdue();
  const { actions } = staged.environment.application;
  const broken: Environment = {
    ...staged.environment,
    application: {
      ...staged.environment.application,
      actions: { ...actions, maintenance: { ...actions.maintenance!, action: { command: ['false'] }, limitMs: 100 } },
    },
  };
  const { environment, become, looks } = observed(broken);
  const stop = watchdog(environment);
  await until(() => said.length > 0);
  const soFar = looks();
  await until(() => looks() > soFar + 5);
  expect(said).toEqual([
    {
      level: 'error',
      text: expect.any(String),
      of: { target: 'agent-api', because: expect.stringContaining('maintenance off') },
    },
  ]);
  expect(await isOn()).toBe(true);
  become(staged.environment);
  await until(async () => (await isOn()) === false);
  await stop();
});

test('a database that is away, or has no such table yet, stops no worker', async () => {
  const stop = watchdog({ ...staged.environment, postgresUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
  await until(() => said.length > 0);
  await stop();
  expect(said[0]).toMatchObject({ level: 'error', of: { target: 'agent-api' } });
});
