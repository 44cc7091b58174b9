import autocannon from 'autocannon';
import { call, requestFault } from './http-application';
import { loadOf, type LoadTestOptions } from './load-mix';
import { redact, safeMessage } from '../programs/secret-text';

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
  instance.on('response', (...[, status, , responseTimeMs]) => {
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

function quantiles(timesMs: number[]): Pick<LoadTestResult, 'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs'> {
  if (timesMs.length === 0) return {};
  timesMs.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((timesMs[Math.max(1, Math.ceil(share * timesMs.length)) - 1] ?? 0) * 10) / 10;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}
