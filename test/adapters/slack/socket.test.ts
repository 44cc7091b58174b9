import {
  openSlackSocket,
  type Interaction,
  type SlackSocket,
  type SlackSocketSettings,
} from '../../../adapters/slack/socket';
import { localApps, startLocalSlack, type LocalSlack } from '../../../dev/local-slack/local-slack';
import { until } from '../../support/looks/until';

const appToken = localApps[1].appToken;
let server: LocalSlack;
let sockets: SlackSocket[];
let taken: Interaction[];
let told: string[];

beforeEach(async () => {
  [sockets, taken, told] = [[], [], []];
  server = await startLocalSlack({ users: [], channels: [] });
});
afterEach(async () => {
  await Promise.all(sockets.map((socket) => socket.close()));
  await server.close();
});

function open(change: Partial<SlackSocketSettings> = {}): SlackSocket {
  const socket = openSlackSocket({
    ...{ appToken, apiUrl: server.apiUrl, retryMs: 20 },
    onInteraction(interaction) {
      taken.push(interaction);
      interaction.acknowledge();
    },
    onConnected: () => told.push('connected'),
    onLost: (because) => told.push(because),
    ...change,
  });
  sockets.push(socket);
  return socket;
}

const codesApp = () => server.bots[1]!;
const deliver = (payload: unknown) => server.interactions.sockets.deliver(codesApp(), payload);

test('what Slack sends arrives, and is acknowledged with what a dialog is to show', async () => {
  const errors = { response_action: 'errors', errors: { why: 'say why' } };
  const socket = open({
    onInteraction: ({ payload, acknowledge }) => acknowledge(payload === 'bad' ? errors : undefined),
  });
  await until(() => socket.isConnected());
  expect(await deliver({ type: 'block_actions' })).toMatchObject({ isAcknowledged: true });
  expect(await deliver('bad')).toEqual({ isAcknowledged: true, response: errors });
});

test('a connection that is cut is made again; what was not acknowledged comes once more', async () => {
  const socket = open({ onInteraction: (interaction) => taken.push(interaction) }); // never acknowledges
  await until(() => socket.isConnected());
  void deliver('unanswered');
  await until(() => taken.length === 1);
  server.interactions.sockets.cut();
  await until(() => taken.length === 2);
  expect(told).toEqual(['connected', 'the connection ended', 'connected']);
  taken[1]!.acknowledge();
  await until(async () => (await deliver('another')) !== undefined, 10_000);
});

test('while Slack is away it tries again, and says so once', async () => {
  await server.faults.down();
  const socket = open();
  await until(() => told.length === 1);
  expect(told[0]).toMatch(/^expected an answer to apps.connections.open from 127.0.0.1:\d+, found ECONNREFUSED/);
  await server.faults.up();
  await until(() => socket.isConnected(), 15_000);
  expect(told.slice(1)).toEqual(['connected']);
});

test('a rate limit is waited for as long as Slack wants', async () => {
  server.faults.inject({ kind: 'rate-limited', retryAfterS: 1, times: 1 });
  const startedAt = Date.now();
  const socket = open();
  await until(() => socket.isConnected(), 10_000);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_000);
});

test('a token that is none is said, without the token', async () => {
  open({ appToken: 'xapp-wrong-one' });
  await until(() => told.length === 1);
  expect(told[0]).toContain('found invalid_auth');
  expect(told.join()).not.toContain('xapp-wrong-one');
});

test.each([
  'null',
  '12',
  'no JSON',
  '{}',
  '[]',
  '{"type":"events_api"}',
  '{"type":"interactive"}',
  '{"type":"__proto__"}',
])('a message %s ends nothing', async (text) => {
  const socket = open({
    onInteraction({ acknowledge }) {
      acknowledge();
      throw new Error('a fault of ours');
    },
  });
  await until(() => socket.isConnected());
  server.interactions.sockets.sayAnything(text);
  expect(await deliver('still there')).toMatchObject({ isAcknowledged: true });
  expect(socket.isConnected()).toBe(true);
});

test('a closed socket stays closed, also one that was still being made', async () => {
  const socket = open();
  await socket.close();
  await until(() => server.interactions.sockets.count() === 0);
  const later = open();
  await until(() => later.isConnected());
  await later.close();
  await until(() => server.interactions.sockets.count() === 0);
  expect(later.isConnected()).toBe(false);
});
