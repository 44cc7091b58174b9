import { Agent, createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { answer } from '../sample-application/http';

/** One running release behind the front. */
export interface Upstream {
  /** Base URL of the application. */
  url: string;
  agent: Agent;
  /** Requests that the front has not answered yet. */
  inFlight: number;
}

/** What the front looks at for every request; the platform changes it. */
export interface FrontState {
  upstream: Upstream;
  maintenance: boolean;
  /** Value of `X-Maintenance-Bypass` that passes in spite of maintenance; undefined: nothing passes. */
  bypassToken: string | undefined;
}

export function openUpstream(url: string): Upstream {
  // Idle connections end here long before the application ends them: a request never meets a closing connection.
  return { url, agent: new Agent({ keepAlive: true, timeout: 30_000, maxSockets: 32 }), inFlight: 0 };
}

/**
 * The port that clients know, which outlives every release. In maintenance it answers 503 with `X-Maintenance: on` to
 * all but health and whoever brings the bypass token, so that probes can look inside.
 */
export function createFront(state: FrontState): Server {
  const server = createServer((incoming, outgoing) => {
    if (state.maintenance && !passes(incoming, state.bypassToken)) return refuse(incoming, outgoing);
    forward(state.upstream, incoming, outgoing);
  });
  server.keepAliveTimeout = 65_000;
  return server;
}

function passes({ url = '/', headers }: IncomingMessage, bypassToken: string | undefined): boolean {
  const [path] = url.split('?');
  if (path === '/health' || path === '/api/v1/health') return true;
  return Boolean(bypassToken) && headers['x-maintenance-bypass'] === bypassToken;
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse): void {
  incoming.resume();
  answer(outgoing, 503, { detail: 'Maintenance' }, { 'X-Maintenance': 'on', 'Retry-After': '5' });
}

function forward(upstream: Upstream, incoming: IncomingMessage, outgoing: ServerResponse): void {
  upstream.inFlight += 1;
  outgoing.once('close', () => (upstream.inFlight -= 1));
  const onward = request(upstream.url, {
    agent: upstream.agent,
    method: incoming.method,
    path: incoming.url,
    headers: { ...passOn(incoming.headers), 'x-forwarded-for': incoming.socket.remoteAddress },
  });
  onward.once('response', (answered) => {
    outgoing.writeHead(answered.statusCode ?? 502, passOn(answered.headers));
    answered.pipe(outgoing);
  });
  onward.once('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy();
    else answer(outgoing, 502, { detail: `The application does not answer: ${error.message}` });
  });
  outgoing.once('close', () => outgoing.writableFinished || onward.destroy());
  incoming.pipe(onward);
}

/** Without what concerns one connection only, or the platform: the bypass token is nothing for the application. */
function passOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _connection, 'keep-alive': _keepAlive, 'x-maintenance-bypass': _token, ...rest } = headers;
  return rest;
}
