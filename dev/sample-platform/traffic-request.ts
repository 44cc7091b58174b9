import { headerOfKey } from '../sample-application/sample-key';

const ANSWER_LIMIT_MS = 30_000;

/** One request and what a client expects of its answer. */
export interface Call {
  method: 'GET' | 'POST';
  path: string;
  /** Undefined: without the header. */
  key?: string | undefined;
  body?: object;
  expectedStatus: number;
  /** Says what is wrong with the content of an answer of the expected status; undefined: nothing. */
  check?(content: Content): string | undefined;
}

export type Content = Record<string, unknown> & { id: string; items: Content[] };

/** Expected and found, without the key. */
export interface Fault {
  method: string;
  path: string;
  expected: string;
  found: string;
}

export interface Sent {
  fault?: Fault;
  duringMaintenance: boolean;
  tookMs: number;
}

/** Sends one request and judges its answer; never throws. */
export async function send(frontUrl: string, call: Call): Promise<Sent> {
  const startedAtMs = performance.now();
  let duringMaintenance = false;
  let found: string | undefined;
  try {
    const response = await fetch(frontUrl + call.path, {
      method: call.method,
      headers: {
        'Content-Type': 'application/json',
        ...(call.key === undefined ? {} : { 'X-API-Key': headerOfKey(call.key) }),
      },
      body: call.body ? JSON.stringify(call.body) : null,
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const content = (await response.json()) as Content;
    duringMaintenance = response.status === 503 && response.headers.get('X-Maintenance') === 'on';
    found = response.status === call.expectedStatus ? call.check?.(content) : `status ${response.status}`;
  } catch (error) {
    found = `no answer: ${describe(error as Error)}`;
  }
  const { method, path, expectedStatus } = call;
  return {
    ...(found === undefined ? {} : { fault: { method, path, expected: `status ${expectedStatus}`, found } }),
    duringMaintenance,
    tookMs: performance.now() - startedAtMs,
  };
}

/** `fetch failed` says nothing; its cause does. */
function describe({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
