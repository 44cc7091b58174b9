import { redact, safeMessage } from '../programs/secret-text';

/** Options of {@link call}. */
export interface CallOptions {
  /** Origin, with a path before all others if need be: `http://127.0.0.1:54000/app`. */
  baseUrl: string;
  /** Default GET. */
  method?: string | undefined;
  /** Begins with `/`. */
  path: string;
  /** One character a byte, as HTTP wants it; an API key belongs here and nowhere else. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Limit for the whole call, the body of the answer included. Default 10,000. */
  timeoutMs?: number | undefined;
  /** Ends the call; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/**
 * Why a call was not answered. `refused`: no one listens there; `connection-lost`: it was closed before the answer was
 * complete; `tls`: certificate or handshake; `request`: it could not even be sent as it is; `network`: anything else.
 */
export type CallFailureKind = 'timeout' | 'refused' | 'connection-lost' | 'tls' | 'request' | 'network';

/** What came of a call. Either `status` or `failure` is there. The answer may hold secrets: look at it and let it go. */
export interface CallResult {
  /** Of the answer, whatever it is; absent = none. */
  status?: number;
  /** Until the end of the answer, or the failure; to a tenth. */
  tookMs: number;
  /** The parsed body, if it is JSON of at most 4 MiB. */
  json?: unknown;
  /** The message holds no value of a header. */
  failure?: { kind: CallFailureKind; message: string };
}

const longestAnswerBytes = 4_194_304;

/**
 * Calls an application once, without following redirects (which would carry the key elsewhere), on a connection of its
 * own: a kept one may belong to a release that is gone, and would fail a call that fails for no one else.
 * @throws only the signal's reason
 */
export async function call(options: CallOptions): Promise<CallResult> {
  const { method = 'GET', path, headers = {}, body, timeoutMs = 10_000, signal } = options;
  signal?.throwIfAborted();
  const startedAt = performance.now();
  const tookMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  const fault = requestFault(path, headers);
  if (fault !== undefined) return { tookMs: 0, failure: { kind: 'request', message: fault } };
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(urlOf(options.baseUrl, path), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
        connection: 'close',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    const json = parseJson(await readText(response));
    return { status: response.status, tookMs: tookMs(), ...(json === undefined ? {} : { json }) };
  } catch (error) {
    signal?.throwIfAborted();
    const failure = limit.aborted
      ? { kind: 'timeout' as const, message: `no complete answer within ${timeoutMs} ms` }
      : { kind: kindOf(error), message: redact(safeMessage(error), Object.values(headers)) };
    return { tookMs: tookMs(), failure };
  }
}

/** Joins by text, so that no path leads to another host. */
export const urlOf = (baseUrl: string, path: string): string => `${baseUrl.replace(/\/+$/, '')}${path}`;

/** Says what cannot be sent. Looked at here because fetch's own message quotes the header's value. */
export function requestFault(path: string, headers: Readonly<Record<string, string>>): string | undefined {
  if (!path.startsWith('/')) return 'expected a path that begins with "/"';
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return 'expected a header name of letters, digits and hyphens';
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return `expected header "${name}" as bytes without control characters`;
  }
  return undefined;
}

async function readText(response: Response): Promise<string | undefined> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > longestAnswerBytes) return undefined; // leaving the loop closes the connection
  }
  return text + decoder.decode();
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function kindOf(error: unknown): CallFailureKind {
  const codes = [error, (error as { cause?: unknown }).cause].flatMap((one) => {
    const { code, errors } = (one ?? {}) as { code?: unknown; errors?: { code?: unknown }[] };
    return [code, errors?.[0]?.code].filter((text) => typeof text === 'string');
  });
  if (codes.some((code) => code === 'ECONNREFUSED')) return 'refused';
  if (codes.some((code) => /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code))) return 'connection-lost';
  if (codes.some((code) => /CERT|SIGNATURE|TLS|SSL|EPROTO/.test(code))) return 'tls';
  if (codes.some((code) => /TIMEDOUT|TIMEOUT/.test(code))) return 'timeout';
  return codes.includes('ERR_INVALID_URL') || codes.includes('ERR_INVALID_ARG_TYPE') ? 'request' : 'network';
}
