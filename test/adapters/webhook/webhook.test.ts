import { connect } from 'node:net';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { keyOf, signatureOf } from '../../../adapters/webhook/signature';
import { postWebhook } from '../../../adapters/webhook/webhook';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver';

let receiver: WebhookReceiver;
beforeAll(async () => void (receiver = await startWebhookReceiver()));
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
  receiver.next.length = 0;
});

const message = { id: 'evt_1', body: '{"type":"run.held","data":{"reason":"ü"}}' };

test('a message arrives as it was signed, and the library of Standard Webhooks takes it', async () => {
  expect(await postWebhook(receiver, message)).toEqual({ status: 204 });
  expect(receiver.received.map(({ id, text }) => ({ id, text }))).toEqual([{ id: 'evt_1', text: message.body }]);
  expect(receiver.forged).toEqual([]);
});

test('the signature is the one that the library makes', () => {
  const at = new Date('2026-11-24T10:00:00Z');
  const timestamp = at.getTime() / 1_000;
  const own = signatureOf({ secret: receiver.secret, timestamp, ...message });
  expect(own).toBe(new Webhook(receiver.secret).sign(message.id, at, message.body));
});

test('another secret, body, id or time is refused by the library', async () => {
  const wrong = `whsec_${Buffer.from('another secret, which is as long as that one').toString('base64')}`;
  await postWebhook({ ...receiver, secret: wrong }, message);
  expect(receiver.received).toEqual([]);
  expect(receiver.forged).toHaveLength(1);
  const timestamp = Math.floor(Date.now() / 1_000);
  const signature = signatureOf({ secret: receiver.secret, timestamp, ...message });
  const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(timestamp), 'webhook-signature': signature };
  const verify = (body: string, change: object) => () =>
    new Webhook(receiver.secret).verify(body, { ...headers, ...change });
  expect(verify(message.body, {})).not.toThrow();
  expect(verify(`${message.body} `, {})).toThrow();
  expect(verify(message.body, { 'webhook-id': 'evt_2' })).toThrow();
  expect(verify(message.body, { 'webhook-timestamp': String(timestamp + 1) })).toThrow();
});

test.each([
  '',
  'secret',
  `whsec_`,
  `whsec_${Buffer.alloc(23).toString('base64')}`,
  `whsec_${Buffer.alloc(65).toString('base64')}`,
])('%j is no secret of a webhook', (secret) => expect(keyOf(secret)).toBeUndefined());

test('a redirect is not followed', async () => {
  const other = await startWebhookReceiver();
  receiver.next.push({ status: 307, headers: { location: other.url } });
  expect(await postWebhook(receiver, message)).toEqual({ status: 307 });
  expect([...other.received, ...other.forged]).toEqual([]);
  await other.close();
});

test('how long a receiver wants us to wait is told, in seconds or as a date', async () => {
  receiver.next.push({ status: 429, headers: { 'retry-after': '7' } });
  expect(await postWebhook(receiver, message)).toEqual({ status: 429, retryAfterMs: 7_000 });
  receiver.next.push({ status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } });
  const { retryAfterMs = 0 } = await postWebhook(receiver, message);
  expect(retryAfterMs).toBeGreaterThan(50_000);
  receiver.next.push({ status: 429, headers: { 'retry-after': 'soon' } });
  expect(await postWebhook(receiver, message)).toEqual({ status: 429 });
});

test('a receiver that never answers, one that cuts the connection, and none: failures without the address', async () => {
  receiver.next.push('silent');
  expect(await postWebhook(receiver, message, 200)).toEqual({ failure: 'no answer within 0.2 s' });
  receiver.next.push('cut');
  const cut = await postWebhook(receiver, message);
  expect(cut.failure).toMatch(/closed|socket|ECONNRESET|terminated/i);
  const nobody = await postWebhook({ ...receiver, url: 'http://127.0.0.1:1/very-secret-path' }, message);
  expect(nobody.failure).toMatch(/ECONNREFUSED|bad port/);
  expect(JSON.stringify([cut, nobody])).not.toContain('very-secret-path');
});

test('an answer without end is not read', async () => {
  const endless = createServer((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
  const { port } = endless.address() as AddressInfo;
  expect(await postWebhook({ ...receiver, url: `http://127.0.0.1:${port}/` }, message)).toEqual({ status: 200 });
  await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy()));
  });
  endless.closeAllConnections();
  await new Promise((resolve) => endless.close(resolve));
});
