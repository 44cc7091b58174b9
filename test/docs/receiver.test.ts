import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyOf } from '../../activities/delivery/send-webhook';
import { signatureOf } from '../../adapters/webhook/signature';
import { postWebhook } from '../../adapters/webhook/webhook';
import { examplesOf, pageOf } from '../support/looks/doc-pages';
import { until } from '../support/looks/until';
import { newEvent, question, withId } from '../support/inputs/sample-event';

// The receiver of docs/events.md, as it stands there.

const secret = `whsec_${Buffer.from('the secret of the receiver in docs').toString('base64')}`;
const [receiver] = examplesOf(pageOf('docs/events.md')).filter(({ of }) => of === 'receiver');
let folder: string;
let running: ChildProcess;
let url: string;
let printed = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rubicon-test-receiver-'));
  const file = join(folder, 'receiver.js');
  writeFileSync(file, receiver?.code ?? '');
  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  running = spawn(process.execPath, [file], { env: { WEBHOOK_SECRET: secret, PORT: String(port) } });
  running.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  running.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await until(async () => (await fetch(url).catch(() => undefined)) !== undefined, 10_000);
});
afterAll(async () => {
  const ended = new Promise((resolve) => running.once('exit', resolve));
  running.kill();
  await ended;
  rmSync(folder, { recursive: true });
});

const event = withId(newEvent('question.asked', question, { text: 'ü: production: drop did not succeed' }));
const message = { id: event.id, body: bodyOf(event) };

test('takes an event, and prints it once however often it comes', async () => {
  expect(await postWebhook({ url, secret }, message)).toEqual({ status: 204 });
  expect(await postWebhook({ url, secret }, message)).toEqual({ status: 204 });
  await until(() => printed.includes('\n'));
  expect(printed).toBe('ü: production: drop did not succeed\n');
});

test('refuses what another secret has signed, what was changed, what is old, and what is not signed', async () => {
  const other = `whsec_${Buffer.from('another secret of the same length!').toString('base64')}`;
  expect(await postWebhook({ url, secret: other }, message)).toEqual({ status: 401 });
  const now = Math.floor(Date.now() / 1_000);
  const statusOf = async (timestamp: number, sent: string | undefined, body = message.body): Promise<number> => {
    const signed = sent === undefined ? {} : { 'webhook-signature': sent };
    const headers = { 'webhook-id': message.id, 'webhook-timestamp': String(timestamp), ...signed };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  const signed = (timestamp: number): string => signatureOf({ secret, timestamp, ...message });
  expect(await statusOf(now, signed(now))).toBe(204);
  expect(await statusOf(now, signed(now), `${message.body} `)).toBe(401);
  expect(await statusOf(now - 301, signed(now - 301))).toBe(401);
  expect(await statusOf(now, signed(now - 1))).toBe(401);
  expect(await statusOf(now, undefined)).toBe(401);
  expect(await statusOf(now, 'v1,')).toBe(401);
  expect(await statusOf(now, 'é'.repeat(signed(now).length))).toBe(401);
  expect(await statusOf(now, signed(now))).toBe(204); // it still runs
});

test('its work has ten lines', () => {
  const [, work = ''] = /createServer\(async .*\n([\s\S]*?)^\}\);/m.exec(receiver?.code ?? '') ?? [];
  expect(work.trim().split('\n').length).toBeGreaterThan(5);
  expect(work.trim().split('\n').length).toBeLessThanOrEqual(10);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
