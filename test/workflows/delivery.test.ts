import { NativeConnection, Worker } from '@temporalio/worker';
import { createDeliver } from '../../activities/delivery/deliver';
import { createHandOver } from '../../activities/delivery/hand-over';
import type { Audiences } from '../../activities/delivery/audience';
import { deliveryId, taskQueues } from '../../contract/run/names';
import type { NewEvent } from '../../contract/run/run-event';
import { asActivity } from '../support/looks/as-activity';
import { until } from '../support/looks/until';
import { newEvent, requested } from '../support/inputs/sample-event';
import { sampleControl } from '../support/inputs/control-settings';
import { workflowBundle } from '../support/servers/servers';
import { startSmtpReceiver, type SmtpReceiver } from '../support/servers/smtp-receiver';
import { openTestTemporal, type TestTemporal } from '../support/servers/temporal-client';
import { skipTime } from '../support/servers/skip-time';
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver';

jest.setTimeout(60_000);

let at: TestTemporal;
let native: NativeConnection;
let pager: WebhookReceiver;
let tickets: WebhookReceiver;
let smtp: SmtpReceiver;
let deps: Audiences;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  at = await openTestTemporal();
  native = await NativeConnection.connect({ address: at.address });
  [pager, tickets, smtp] = await Promise.all([startWebhookReceiver(), startWebhookReceiver(), startSmtpReceiver()]);
  deps = {
    ...sampleControl,
    webhooks: [
      { name: 'pager', url: pager.url, secret: pager.secret },
      { name: 'tickets', url: tickets.url, secret: tickets.secret, events: ['run.held', 'run.resumed'] },
    ],
    mail: {
      ...{ host: '127.0.0.1', port: smtp.port, tls: 'none', from: 'Rubicon <rubicon@example.com>' },
      stakeholders: 'stakeholder',
    },
  };
  [worker, running] = await work();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await Promise.all([pager.close(), tickets.close(), smtp.close()]);
  await native.close();
  await at.close();
});
beforeEach(() => {
  for (const receiver of [pager, tickets]) {
    receiver.received.length = 0;
    receiver.next.length = 0;
    receiver.otherwise = { status: 204 };
  }
  smtp.mails.length = 0;
});

async function work(): Promise<[Worker, Promise<void>]> {
  const created = await Worker.create({
    ...{ connection: native, namespace: at.namespace, taskQueue: taskQueues.control },
    ...{ activities: { deliver: createDeliver(deps) }, workflowBundle: await workflowBundle() },
  });
  return [created, created.run()];
}

/** As the run's own activity does it; `times`: it was tried again after an answer that was lost. */
async function handOver(event: NewEvent, times = 1): Promise<void> {
  for (let index = 0; index < times; index += 1) {
    const { error } = await asActivity(() =>
      createHandOver({ ...deps, temporal: at.temporal })({ run: event.run, event }),
    );
    if (error !== undefined) throw error;
  }
}

const held = (change = {}): NewEvent => newEvent('run.held', { reason: 'a customer calls' }, change);
const ids = ({ received }: WebhookReceiver): string[] => received.map(({ id }) => id);
const distinct = (receiver: WebhookReceiver): string[] => [...new Set(ids(receiver))];

test('an event reaches each receiver that wants it once, also if it was handed over three times', async () => {
  const event = held();
  await handOver(event, 3);
  await until(() => pager.received.length > 0 && tickets.received.length > 0, 20_000);
  await handOver(newEvent('soak.restarted', { because: ['errors'] }, { run: event.run }));
  await until(() => pager.received.length > 1, 20_000);
  expect(pager.received.map(({ body }) => body.type)).toEqual(['run.held', 'soak.restarted']);
  expect(tickets.received.map(({ body }) => body.type)).toEqual(['run.held']); // it wants no other
  const [first] = pager.received;
  expect(first?.body).toEqual({
    ...{ id: first?.id, type: 'run.held', timestamp: event.at },
    data: { text: event.text, link: event.link, run: event.run, reason: 'a customer calls' },
  });
  expect([...pager.forged, ...tickets.forged]).toEqual([]);
});

test.each([
  ['500', [{ status: 500 }, { status: 503 }]],
  ['429 with a time', [{ status: 429, headers: { 'retry-after': '1' } }]],
  ['a connection that is cut after the event was taken', ['cut']],
  ['a redirect', [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }]],
] as const)('%s: tried again with the same id until it is taken, and then no more', async (_, faults) => {
  pager.next.push(...faults);
  const run = held().run;
  await handOver(held({ run }));
  await until(() => pager.received.length === faults.length + 1, 30_000);
  expect(distinct(pager)).toHaveLength(1);
  expect(pager.received.at(-1)?.behaviour).toEqual({ status: 204 });
  const stamps = pager.received.map(({ headers }) => Number(headers['webhook-timestamp']));
  expect(Math.max(...stamps)).toBeGreaterThan(Math.min(...stamps)); // of the attempt, not of the event
  await handOver(newEvent('run.resumed', {}, { run }));
  await until(() => pager.received.length === faults.length + 2, 30_000);
});

test('a receiver that is away holds up no other, and gets all in their order once it is back', async () => {
  pager.otherwise = { status: 503 };
  const run = held().run;
  const at0 = Date.now();
  for (const index of [0, 1, 2]) await handOver(held({ run, at: new Date(at0 + index).toISOString() }));
  await until(() => tickets.received.length === 3, 20_000);
  expect(distinct(pager)).toHaveLength(1);
  pager.otherwise = { status: 204 };
  await until(() => distinct(pager).length === 3, 30_000);
  expect(distinct(pager)).toEqual(ids(tickets));
});

test('a worker that is shut down in the middle: the next one goes on with the same id', async () => {
  pager.next.push('silent');
  await handOver(held());
  await until(() => pager.received.length === 1, 20_000);
  worker.shutdown(); // the attempt is given up, as far as Temporal knows
  await running;
  [worker, running] = await work();
  await until(() => pager.received.length === 2, 60_000);
  expect(distinct(pager)).toHaveLength(1);
});

test('"Gone" means no more: the event is noted as not told, and nothing is tried again', async () => {
  pager.next.push({ status: 410 });
  const event = held();
  await handOver(event);
  await until(() => tickets.received.length === 1 && pager.received.length === 1, 20_000);
  const result = await ended(event);
  expect(result).toEqual({ told: 1, notTold: [expect.stringMatching(/^webhook pager: run.held was not told: .*410/)] });
  expect(pager.received).toHaveLength(1);
});

test('mail: an approver hears that something waits, without a code; cut after the data, it comes again with its Message-ID', async () => {
  smtp.next.push('cut', { code: 451 });
  await handOver(newEvent('approval.requested', requested));
  await until(() => smtp.mails.length === 2, 30_000);
  expect(smtp.mails.map(({ to }) => to)).toEqual([['anna@example.com'], ['anna@example.com']]);
  const [first, second] = smtp.mails;
  expect(first?.messageId).toMatch(/^<evt_[0-9a-f]{32}\.[0-9a-f]{16}@example\.com>$/);
  expect(second?.messageId).toBe(first?.messageId);
  expect(second?.subject).toBe('Your approval is requested: drop-plaintext-api-keys on agent-api');
});

test('what is no news any more is not told', async () => {
  const event = held({ at: '2026-01-01T00:00:00.000Z' });
  await handOver(event);
  expect(await ended(event)).toEqual({
    told: 0,
    notTold: ['webhook pager: run.held is no news any more', 'webhook tickets: run.held is no news any more'],
  });
});

test('another workflow can tell nobody in the name of a run, and no odd signal stops a delivery', async () => {
  const event = held();
  const other = 'somebody-else';
  await handOver(event);
  await until(() => tickets.received.length === 1, 20_000);
  const handle = at.client.workflow.getHandle(deliveryId(event.run));
  for (const odd of [undefined, 7, {}, { event: 1 }, { event: { id: 'x', at: 'y' }, to: [null, { webhook: 'pager' }] }])
    await handle.signal('deliver', odd);
  const stranger = await at.client.workflow.signalWithStart('delivery', {
    ...{ workflowId: other, taskQueue: 'rubicon', signal: 'deliver', args: [] },
    signalArgs: [{ event: { id: `evt_${'0'.repeat(32)}`, ...event }, to: [{ webhook: 'pager' }] }],
  });
  await skipTime(at, other, 3 * 3_600).catch(() => undefined);
  const { notTold } = (await stranger.result()) as { notTold: string[] };
  expect(notTold).toEqual([expect.stringContaining('expected agent-api/drop-plaintext-api-keys/')]);
  await handOver(held({ run: event.run, at: new Date(Date.now() + 1).toISOString() }));
  await until(() => pager.received.length === 2, 20_000);
});

/** Once there was nothing to tell for a while. */
async function ended({ run }: NewEvent): Promise<unknown> {
  await skipTime(at, deliveryId(run), 3 * 3_600).catch(() => undefined);
  return at.client.workflow.getHandle(deliveryId(run)).result();
}
