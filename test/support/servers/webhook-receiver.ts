import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** What happens to a call: an answer with this status, none at all, or an end of the connection after it was taken. */
export type Behaviour = { status: number; headers?: Record<string, string> } | 'silent' | 'cut';

/** A call as it arrived. */
export interface Received {
  id: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
  /** What was answered. */
  behaviour: Behaviour;
}

/** A receiver of webhooks, which verifies every call by the library of Standard Webhooks; one that is forged is kept aside. */
export interface WebhookReceiver {
  url: string;
  secret: string;
  /** Verified ones, in their order. */
  received: Received[];
  forged: string[];
  /** Of the next calls, in their order; afterwards 204 again. */
  next: Behaviour[];
  /** Of all calls that `next` does not say. */
  otherwise: Behaviour;
  close(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const secret = `whsec_${Buffer.from('a secret of this very receiver, 40 bytes').toString('base64')}`;
  const sockets = new Set<Socket>();
  const receiver: Omit<WebhookReceiver, 'url' | 'close'> = {
    ...{ secret, received: [], forged: [], next: [], otherwise: { status: 204 } },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const behaviour = receiver.next.shift() ?? receiver.otherwise;
      try {
        const body = new Webhook(secret).verify(text, request.headers as Record<string, string>) as Received['body'];
        const id = String(request.headers['webhook-id']);
        receiver.received.push({ id, headers: request.headers, text, body, behaviour });
      } catch (error) {
        receiver.forged.push(String(error));
      }
      if (behaviour === 'silent') return;
      if (behaviour === 'cut') return void request.socket.destroy();
      response.writeHead(behaviour.status, behaviour.headers).end();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}/hook`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
