import type autocannon from 'autocannon';
import { urlOf } from './http-application';

/** One kind of request of a load test. */
export interface LoadCall {
  /** Default GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | undefined;
  /** Begins with `/`. */
  path: string;
  /** One character a byte, as for `call`. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON; `[<id>]` in it becomes another text in each request. */
  body?: unknown;
  /** How often compared with the others. Default 1. */
  weight?: number | undefined;
}

/** A mix of calls, and how many of them are sent, in all and at once. */
export interface LoadTestOptions {
  /** As for `call`. */
  baseUrl: string;
  /** In all. */
  requests: number;
  /** At once; at most `requests`. */
  connections: number;
  /** At least one; mixed by their weights. */
  calls: readonly LoadCall[];
  /** Limit for one request, at least 1,000. Default 10,000. */
  timeoutMs?: number | undefined;
  /** Stops the load; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Called after each answer. */
  onProgress?: ((progress: { answered: number }) => void) | undefined;
}

/** What autocannon is told. */
export function loadOf({
  baseUrl,
  requests,
  connections,
  calls,
  timeoutMs = 10_000,
}: LoadTestOptions): autocannon.Options {
  const sequence = spread(calls).map((one) => requestOf(one, baseUrl));
  const atOnce = Math.min(connections, requests);
  const each = Math.floor(requests / atOnce);
  let connection = 0;
  return {
    url: baseUrl,
    amount: requests,
    connections: atOnce,
    timeout: Math.max(1, timeoutMs / 1_000), // it refuses less
    sampleInt: 50, // how soon it notices its end
    idReplacement: true,
    requests: sequence,
    // Each connection begins where the one before it ends; otherwise few requests each would never reach the last calls.
    setupClient: (client) => {
      client.setRequests(rotated(sequence, connection * each + Math.min(connection, requests % atOnce)));
      connection += 1;
    },
  };
}

/** autocannon writes text as UTF-8, a header's characters stand for bytes: read them as UTF-8 first. */
function requestOf({ method = 'GET', path, headers = {}, body }: LoadCall, baseUrl: string): autocannon.Request {
  const asBytes = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, 'latin1').toString('utf8')]);
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const url = new URL(urlOf(baseUrl, path));
  return {
    method,
    path: `${url.pathname}${url.search}`,
    headers: { ...json, ...(Object.fromEntries(asBytes) as Record<string, string>) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** Calls by weight, mixed: 3 to 1 gives a, a, b, a rather than a, a, a, b. */
function spread(calls: readonly LoadCall[]): LoadCall[] {
  const state = calls.map((one) => ({ one, weight: Math.max(1, Math.round(one.weight ?? 1)), credit: 0 }));
  const whole = state.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: whole }, () => {
    for (const entry of state) entry.credit += entry.weight;
    const next = state.reduce((best, entry) => (entry.credit > best.credit ? entry : best));
    next.credit -= whole;
    return next.one;
  });
}

const rotated = <T>(items: readonly T[], by: number): T[] => {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)].map((item) => ({ ...item }));
};
