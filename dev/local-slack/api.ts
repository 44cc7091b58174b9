import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalFault } from './faults';
import { answer, type Answer } from './methods';
import type { Interactions } from './interactions';
import type { Store } from './store';

const MAX_BODY_BYTES = 1_000_000;

// What our app is granted; Slack says so in this header of every answer.
const SCOPES =
  'chat:write,im:write,im:history,channels:history,groups:history,channels:read,users:read,users:read.email';

interface ApiCall {
  readonly method: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly store: Store;
  readonly interactions: Interactions;
  readonly fault: LocalFault | undefined;
}

/** Answers one call of the Web API as Slack does, unless a fault is switched on for it. */
export async function serveApi(call: ApiCall): Promise<void> {
  const { request, response, fault } = call;
  // Read first: a cut connection must not leave half a request behind.
  const body = await readBody(request);
  const run = () => authorized(call, body);
  switch (fault?.kind) {
    case undefined:
      return sendJson(response, run());
    case 'slow':
      await wait(fault.delayMs, undefined, { ref: false });
      return sendJson(response, run());
    case 'rate-limited':
      response.setHeader('retry-after', fault.retryAfterS);
      return sendJson(response, { ok: false, error: 'ratelimited' }, 429);
    case 'http-500':
      response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Internal Server Error</h1>');
      return;
    case 'reset':
      request.socket.destroy();
      return;
    case 'lost-answer':
      run();
      request.socket.destroy();
      return;
    case 'late':
      request.socket.destroy();
      await wait(fault.delayMs, undefined, { ref: false });
      run();
  }
}

function authorized({ method, request, store, interactions }: ApiCall, body: string | undefined): Answer {
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  if (token === undefined) return { ok: false, error: 'not_authed' };
  if (method === 'apps.connections.open') {
    const app = store.botOfApp(token);
    return app === undefined
      ? { ok: false, error: 'invalid_auth' }
      : { ok: true, url: interactions.sockets.ticket(app) };
  }
  const bot = store.botOf(token);
  if (bot === undefined) return { ok: false, error: 'invalid_auth' };
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return { ok: false, error: 'invalid_post_type' };
  if (body === undefined) return { ok: false, error: 'invalid_form_data' };
  return answer(method, { store, interactions, bot, form: new URLSearchParams(body) });
}

/** The whole body; `undefined` if it is too long. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return sizeBytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** Sends an answer as Slack does: HTTP status 200 for refusals too. */
export function sendJson(response: ServerResponse, json: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'x-oauth-scopes': SCOPES });
  response.end(JSON.stringify(json));
}
