import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Bot } from './store';

/** What an app has said to one envelope. */
export interface Acknowledged {
  /** False: not within 3 s, or nobody was there; then the clicker sees a fault, as on Slack. */
  readonly isAcknowledged: boolean;
  /** What a dialog is to show. */
  readonly response?: Readonly<Record<string, unknown>>;
}

const acknowledgeMs = 3_000;
const mostDeliveries = 3;

interface Envelope {
  readonly bot: Bot;
  readonly id: string;
  readonly payload: unknown;
  deliveries: number;
  acknowledge: (response: Acknowledged['response']) => void;
}

/** Socket mode: connections of apps, and what is sent to them until it is acknowledged. */
export function openSockets(hostOf: () => string) {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Map<string, Bot>();
  const connections = new Map<WebSocket, Bot>();
  const open = new Map<string, Envelope>();
  let isLosing = 0;

  const connectionOf = (bot: Bot): WebSocket | undefined =>
    [...connections].findLast(([socket, of]) => of === bot && socket.readyState === socket.OPEN)?.[0];

  const send = (envelope: Envelope, socket: WebSocket): void => {
    const { id, payload, deliveries } = envelope;
    envelope.deliveries += 1;
    const retry = deliveries === 0 ? {} : { retry_attempt: deliveries, retry_reason: 'timeout' };
    const text = { envelope_id: id, type: 'interactive', accepts_response_payload: true, payload, ...retry };
    socket.send(JSON.stringify(text));
  };

  /** Once more where it was not acknowledged: by the same connection, or by the one that has come in its place. */
  const sendAgain = (envelope: Envelope): void => {
    if (!open.has(envelope.id)) return;
    const socket = connectionOf(envelope.bot);
    if (envelope.deliveries >= mostDeliveries) return void open.delete(envelope.id);
    if (socket !== undefined) send(envelope, socket);
    setTimeout(() => sendAgain(envelope), acknowledgeMs).unref();
  };

  const receive = (text: string): void => {
    const { envelope_id: id, payload } = JSON.parse(text) as { envelope_id?: string; payload?: object };
    const envelope = open.get(id ?? '');
    if (envelope === undefined) return;
    if (isLosing > 0) return void (isLosing -= 1);
    open.delete(envelope.id);
    envelope.acknowledge(payload as Acknowledged['response']);
  };

  return {
    /** For `apps.connections.open`: good for one connection. */
    ticket(bot: Bot): string {
      const ticket = randomUUID();
      tickets.set(ticket, bot);
      return `ws://${hostOf()}/link/?ticket=${ticket}&app_id=${bot.appId}`;
    },
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const ticket = new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('ticket') ?? '';
      const bot = tickets.get(ticket);
      if (bot === undefined) return void socket.destroy();
      tickets.delete(ticket);
      server.handleUpgrade(request, socket, head, (connection) => {
        connections.set(connection, bot);
        connection.on('message', (data: Buffer) => receive(data.toString('utf8')));
        connection.on('close', () => connections.delete(connection));
        connection.on('error', () => connection.terminate());
        connection.send(JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: bot.appId } }));
        for (const envelope of open.values()) if (envelope.bot === bot) send(envelope, connection);
      });
    },
    /** Sends a payload to the app; resolves with its acknowledgement, or after 3 s without one. Redelivers what has none. */
    async deliver(bot: Bot, payload: unknown): Promise<Acknowledged> {
      const socket = connectionOf(bot);
      if (socket === undefined) return { isAcknowledged: false };
      return new Promise((resolve) => {
        const acknowledge = (response: Acknowledged['response']): void =>
          resolve({ isAcknowledged: true, ...(response && { response }) });
        const envelope: Envelope = { bot, id: randomUUID(), payload, deliveries: 0, acknowledge };
        open.set(envelope.id, envelope);
        send(envelope, socket);
        setTimeout(() => {
          resolve({ isAcknowledged: false });
          sendAgain(envelope);
        }, acknowledgeMs).unref();
      });
    },
    /** Text that is no envelope, to every connection. */
    sayAnything: (text: string) => connections.forEach((_, socket) => socket.send(text)),
    /** Without a word, as a network does it. */
    cut: () => connections.forEach((_, socket) => socket.terminate()),
    /** The next acknowledgements get lost on their way. */
    loseAcknowledgements: (count: number) => void (isLosing = count),
    count: () => connections.size,
  };
}
