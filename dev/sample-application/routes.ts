import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { authenticate } from './authentication';
import { openSampleEndpoints, type Endpoints } from './endpoints';
import { checkHealth } from './health';
import { answer, readBody } from './http';
import type { SampleLog } from './log';
import type { Kind } from './releases';
import type { Answer, Report, SampleParts } from './request';
import { StatementFailed } from './store';

const kinds: Record<string, Kind> = { sessions: 'session', assistants: 'assistant' };

/** Every request: authenticate, one endpoint, one line `request_completed` with status and duration. */
export function routeSampleRequests(parts: SampleParts): RequestListener {
  const endpoints = {
    session: openSampleEndpoints(parts, 'session'),
    assistant: openSampleEndpoints(parts, 'assistant'),
  };
  return (incoming, response) => void serve(parts, endpoints, incoming, response);
}

type AllEndpoints = Record<Kind, Endpoints>;

async function serve(parts: SampleParts, endpoints: AllEndpoints, incoming: IncomingMessage, response: ServerResponse) {
  const startedAtMs = performance.now();
  const [path = '/'] = (incoming.url ?? '/').split('?');
  const context = {
    correlation_id: oneOf(incoming.headers['x-correlation-id']) ?? randomUUID(),
    path,
    method: incoming.method,
    client_ip: incoming.headers['x-forwarded-for'] ?? incoming.socket.remoteAddress,
  };
  const report: Report = (level, event, fields) => parts.log.event(level, event, { ...fields, ...context });
  const { status, body } = await choose(parts, endpoints, incoming, report).catch((error: unknown) =>
    failed(parts.log, report, path, error),
  );
  answer(response, status, body);
  const duration_ms = Number((performance.now() - startedAtMs).toFixed(2));
  report('info', 'request_completed', { status_code: status, duration_ms });
}

const oneOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header !== '' ? header : undefined;

async function choose(
  parts: SampleParts,
  endpoints: AllEndpoints,
  incoming: IncomingMessage,
  report: Report,
): Promise<Answer> {
  // Read before anything is refused: a body left on the wire would block the connection.
  const body = await readBody(incoming);
  const [path = '/', query] = (incoming.url ?? '/').split('?');
  if (path === '/health' || path === '/api/v1/health') return checkHealth(parts);

  const [, collection = '', id] = /^\/api\/v1\/(sessions|assistants)(?:\/([\w-]+))?$/.exec(path) ?? [];
  const kind = kinds[collection];
  if (!kind) return { status: 404, body: { detail: 'Not Found' } };

  const caller = await authenticate(parts.pool, incoming.headers['x-api-key']);
  // As in the real application, a wrong key leaves no event but request_completed.
  if (!caller) return { status: 401, body: { detail: 'Invalid API key' } };

  const limit = Number(new URLSearchParams(query).get('limit') ?? 20);
  const request = { caller, body, limit, report };
  if (incoming.method === 'GET') return id ? endpoints[kind].get(id, request) : endpoints[kind].list(request);
  if (incoming.method === 'POST' && !id) return endpoints[kind].create(request);
  return { status: 405, body: { detail: 'Method Not Allowed' } };
}

/** What an endpoint did not catch: 500, an event, and a traceback that shows the statement's parameters. */
function failed(log: SampleLog, report: Report, path: string, error: unknown): Answer {
  const text = error instanceof Error ? error.message : String(error);
  report('error', 'unhandled_exception', { error: text });
  if (error instanceof StatementFailed) log.traceback(path.split('/')[3] ?? 'app', text);
  return { status: 500, body: { detail: 'Internal Server Error' } };
}
