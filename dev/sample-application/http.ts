import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const BODY_LIMIT_CHARACTERS = 64 * 1024;

/** Sends one JSON answer. */
export function answer(
  response: ServerResponse,
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(statusCode, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** The JSON object of a request's body, `{}` if it is empty; a string says what is wrong with it. */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown> | string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    // Read to its end even if it is too long: what stays on the wire would block the connection.
    if (text.length <= BODY_LIMIT_CHARACTERS) text += chunk;
  }
  if (text.length > BODY_LIMIT_CHARACTERS) return `expected at most ${BODY_LIMIT_CHARACTERS} characters, found more`;
  if (text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    const isObject = body !== null && typeof body === 'object' && !Array.isArray(body);
    return isObject ? (body as Record<string, unknown>) : 'expected a JSON object';
  } catch {
    return 'expected a JSON object, found text that is no JSON';
  }
}

/** Stops listening and lets requests in flight end; whatever is open after the limit is cut. */
export async function closeServer(server: Server, limitMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), limitMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

/** Listens on loopback and returns the port; 0 asks for a free one. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
