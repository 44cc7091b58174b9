import { safeMessage } from '../programs/secret-text';
import { signatureOf } from './signature';

/** Where calls go, and what signs them. Both may be secret. */
export interface Webhook {
  url: string;
  secret: string;
}

/** One message. */
export interface WebhookMessage {
  /** The same for every attempt: by it a receiver knows what it has already. No full stop. */
  id: string;
  /** JSON, sent exactly as it is signed. */
  body: string;
}

/** How one attempt ended: by an answer, or by a failure. */
export interface WebhookAnswer {
  /** Of the answer, whatever it is; absent = none, and whether the message was taken is not known. */
  status?: number;
  /** How long the receiver wants us to wait. */
  retryAfterMs?: number;
  /** Why there was no answer, without address and secret. */
  failure?: string;
}

/** Receivers are given 15 to 30 s (Standard Webhooks, "Request timeouts"). */
const defaultTimeoutMs = 15_000;

/**
 * Posts a message once, on a connection of its own. Follows no redirect: it would carry the message to somebody whom no settings name.
 * Of the answer nothing but its status is read. Never throws for the network.
 */
export async function postWebhook(
  { url, secret }: Webhook,
  { id, body }: WebhookMessage,
  timeoutMs = defaultTimeoutMs,
): Promise<WebhookAnswer> {
  const timestamp = Math.floor(Date.now() / 1_000);
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Rubicon',
        connection: 'close',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatureOf({ secret, id, timestamp, body }),
      },
      body,
      redirect: 'manual',
      signal: limit,
    });
    await response.body?.cancel().catch(() => undefined);
    const retryAfterMs = waitOf(response.headers.get('retry-after'));
    return { status: response.status, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  } catch (error) {
    if (limit.aborted) return { failure: `no answer within ${timeoutMs / 1_000} s` };
    return { failure: safeMessage(error, [url, secret]) };
  }
}

/** Seconds, or a date. */
function waitOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
