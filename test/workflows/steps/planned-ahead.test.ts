import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { ControlActivities } from '../../../contract/activities/control-activities';
import type { Loaded } from '../../../contract/activities/loaded';
import type { NewEvent } from '../../../contract/run/run-event';
import { toMs } from '../../../contract/text/duration';
import { firstPlan } from '../../support/stages/sample-environment';
import { workflowBundle } from '../../support/servers/servers';
import { skipTime } from '../../support/servers/skip-time';
import { openTestTemporal, type TestTemporal } from '../../support/servers/temporal-client';
import { until } from '../../support/looks/until';

// A change that is not to be before an instant: who is told when, and when approval is requested. By the server's own clock.

jest.setTimeout(90_000);

let at: TestTemporal;
let native: NativeConnection;
let worker: Worker;
let running: Promise<void>;
const told: { workflowId: string; text: string; toStakeholders: string | undefined }[] = [];
const events: NewEvent[] = [];
let settings: Partial<Loaded> = {};

const covered = { redis: true, maintenance: true, deploy: true, log: true };
const loaded = (): Loaded => ({
  ...{ plan: firstPlan().plan, planDigest: 'd'.repeat(64), target: 'agent-api', requesters: ['maria'], needs: {} },
  ...{ onCall: 'on-call', custodian: 'custodian', soakMs: toMs('24 hours'), durationsOverridden: [], findings: [] },
  ...{ covered: { staging: covered, production: covered }, keepBackupsMs: 1, delivers: true },
  ...settings,
});

const control: Partial<ControlActivities> = {
  loadPlan: async () => loaded(),
  publishStatus: async () => undefined,
  announce: async ({ run, text, toStakeholders }) =>
    void told.push({ workflowId: run.workflowId, text, toStakeholders }),
  handOver: async ({ event }) => {
    events.push(event);
    return { receivers: [] };
  },
};

beforeAll(async () => {
  at = await openTestTemporal();
  native = await NativeConnection.connect({ address: at.address });
  worker = await Worker.create({
    ...{ connection: native, namespace: at.namespace, taskQueue: 'rubicon', activities: control },
    workflowBundle: await workflowBundle(join(__dirname, '../../support/workflows/planned-workflow.ts')),
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await native.close();
  await at.close();
});
beforeEach(() => {
  told.length = 0;
  events.length = 0;
  settings = {};
});

const hour = 3_600_000;
const day = 24 * hour;

async function start(notBefore: Date | undefined) {
  const workflowId = `planned-${randomUUID()}`;
  const order = { plan: 'p', requestedBy: 'maria', ...(notBefore && { notBefore: notBefore.toISOString() }) };
  const handle = await at.client.workflow.start('plannedOnly', { workflowId, taskQueue: 'rubicon', args: [order] });
  await until(async () => (await handle.query('why').catch(() => undefined)) !== undefined, 20_000);
  return { handle, skip: (ms: number) => skipTime(at, workflowId, Math.floor(ms / 1_000)), order };
}

type Started = Awaited<ReturnType<typeof start>>['handle'];
type Seen = { waiting?: { for: string; until?: string } };

async function waitsUntil(handle: Started): Promise<string | undefined> {
  await until(async () => (await handle.query<Seen>('status')).waiting?.for === 'time');
  return (await handle.query<Seen>('status')).waiting?.until;
}

const planned = () => events.filter(({ type }) => type === 'change.planned');

test('a week before it stakeholders are told, once; approval is requested 18 hours before it', async () => {
  const notBefore = new Date(Date.now() + 10 * day);
  const { handle, skip } = await start(notBefore);
  await skip(3 * day - hour);
  expect({ told, events }).toEqual({ told: [], events: [] });
  await skip(2 * hour);
  await until(() => told.length > 0 && events.length > 0);
  expect(told).toEqual([
    expect.objectContaining({
      toStakeholders: expect.stringMatching(/^agent-api is going to be changed on .* UTC at the earliest: /),
      text: expect.stringMatching(/is planned to change at .* UTC at the earliest$/),
    }),
  ]);
  expect(planned().map(({ data }) => data)).toEqual([{ at: notBefore.toISOString() }]);
  expect(await waitsUntil(handle)).toBe(new Date(notBefore.getTime() - 18 * hour).toISOString());
  await skip(7 * day).catch(() => undefined);
  expect(Math.abs(Date.parse((await handle.result()) as string) - notBefore.getTime() + 18 * hour)).toBeLessThan(hour);
  expect(told).toHaveLength(1);
  expect(planned()).toHaveLength(1);
});

test('ordered less than a week ahead, they are told at once', async () => {
  const { handle } = await start(new Date(Date.now() + 3 * day));
  await until(() => told.length === 1 && planned().length === 1);
  await handle.signal('abort', { reason: 'not needed' });
  expect(await handle.result()).toBe('aborted');
});

test('where soak and notice take longer than that, and where nothing is said, nobody is told ahead', async () => {
  const early = await start(new Date(Date.now() + 12 * hour));
  const never = await start(undefined);
  await Promise.all([early.handle.result(), never.handle.result()]);
  expect({ told, events }).toEqual({ told: [], events: [] });
});

test('with change windows approval is requested at the notice that people get', async () => {
  settings = { hasWindows: true };
  const notBefore = new Date(Date.now() + 2 * day);
  const { handle } = await start(notBefore);
  expect(await waitsUntil(handle)).toBe(new Date(notBefore.getTime() - 15 * 60_000).toISOString());
  await handle.signal('hold', { reason: 'incident' });
  await until(async () => (await handle.query<Seen>('status')).waiting?.for === 'resume');
  await handle.signal('abort', { reason: 'not needed' });
  expect(await handle.result()).toBe('aborted');
});
