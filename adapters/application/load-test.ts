import autocannon from 'autocannon';
import { call, requestFault, urlOf } from './http-application';
import { redact, safeMessage } from '../programs/secret-text';

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

/** What a load test found. Quantiles are exact, over all answers of whatever status; absent without answers. */
export interface LoadTestResult {
  /** As ordered. */
  requests: number;
  /** Answered by 2xx. */
  succeeded: number;
  /** All others, those without any answer included. */
  failed: number;
  /** Answers by HTTP status. */
  statusCounts: Record<string, number>;
  p50Ms?: number;
  p95Ms?: number;
  p99Ms?: number;
  maxMs?: number;
  tookMs: number;
  /** Requests without an answer by what went wrong. */
  errors: Record<string, number>;
}

/**
 * Sends many requests at once. Times are collected one by one, since autocannon has no 95th percentile; a request that
 * autocannon loses silently (the server closed the connection) counts as failed.
 * @throws only the signal's reason; calls that cannot be sent at all are failures
 */
export async function loadTest(options: LoadTestOptions): Promise<LoadTestResult> {
  const { requests, signal } = options;
  signal?.throwIfAborted();
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const obstacle = await findObstacle(options);
  if (obstacle !== undefined) {
    return {
      requests,
      succeeded: 0,
      failed: requests,
      statusCounts: {},
      tookMs: took(),
      errors: { [obstacle]: requests },
    };
  }
  const { timesMs, statusCounts, errors } = await run(options);
  signal?.throwIfAborted();
  const succeeded = Object.entries(statusCounts).reduce(
    (sum, [status, n]) => (status.startsWith('2') ? sum + n : sum),
    0,
  );
  const lost = requests - timesMs.length - Object.values(errors).reduce((sum, n) => sum + n, 0);
  return {
    requests,
    succeeded,
    failed: requests - succeeded,
    statusCounts,
    ...quantiles(timesMs),
    tookMs: took(),
    errors: lost > 0 ? { ...errors, 'no answer': lost } : errors,
  };
}

/** autocannon trusts any certificate: look at it once before the keys are sent. */
async function findObstacle({ baseUrl, calls, signal, timeoutMs }: LoadTestOptions): Promise<string | undefined> {
  for (const { path, headers } of calls) {
    const fault = requestFault(path, headers ?? {});
    if (fault !== undefined) return fault;
  }
  if (!/^https:/i.test(baseUrl)) return undefined;
  const { failure } = await call({ baseUrl, method: 'HEAD', path: '/', signal, timeoutMs });
  return failure?.message;
}

interface Answers {
  timesMs: number[];
  statusCounts: Record<string, number>;
  errors: Record<string, number>;
}

async function run(options: LoadTestOptions): Promise<Answers> {
  const { signal } = options;
  const answers: Answers = { timesMs: [], statusCounts: {}, errors: {} };
  let instance: autocannon.Instance | undefined;
  const stop = (): void => instance?.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      instance = autocannon(loadOf(options), (error: unknown) =>
        error ? reject(new Error(safeMessage(error))) : resolve(),
      );
      collect(instance, answers, options);
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return answers;
}

function collect(instance: autocannon.Instance, answers: Answers, { calls, onProgress }: LoadTestOptions): void {
  const secrets = calls.flatMap(({ headers }) => Object.values(headers ?? {}));
  instance.on('response', (_, status, __, responseTimeMs) => {
    answers.timesMs.push(responseTimeMs);
    answers.statusCounts[status] = (answers.statusCounts[status] ?? 0) + 1;
    onProgress?.({ answered: answers.timesMs.length });
  });
  instance.on('reqError', (error: unknown) => {
    const { code } = error as { code?: unknown };
    const name = typeof code === 'string' ? code : redact(safeMessage(error), secrets);
    answers.errors[name] = (answers.errors[name] ?? 0) + 1;
  });
}

function loadOf({ baseUrl, requests, connections, calls, timeoutMs = 10_000 }: LoadTestOptions): autocannon.Options {
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

function quantiles(timesMs: number[]): Pick<LoadTestResult, 'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs'> {
  if (timesMs.length === 0) return {};
  timesMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((timesMs[Math.max(1, Math.ceil(share * timesMs.length)) - 1] ?? 0) * 10) / 10;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}
