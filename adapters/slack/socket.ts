import { setTimeout as rest } from 'node:timers/promises';
import { SocketModeClient } from '@slack/socket-mode';
import { connectSlack, fetchWithCause, silent } from './connection';
import { SlackError, toSlackError } from './error';

/** What Slack sends to an app over its socket: one click, or one dialog. */
export interface Interaction {
  /** Untrusted JSON. */
  readonly payload: unknown;
  /** To be called within 3 s, or the clicker sees a fault; with what a dialog is to show. Never throws. */
  acknowledge(response?: Record<string, unknown>): void;
}

export interface SlackSocketSettings {
  /** App-level token (`xapp-…`) with `connections:write`. Never appears in an error or a log. */
  readonly appToken: string;
  /** Root of the Web API; default `https://slack.com/api/`. */
  readonly apiUrl?: string | undefined;
  /** Must not wait: what it throws is told by `onLost` and lost. */
  readonly onInteraction: (interaction: Interaction) => void;
  /** Each time a connection stands, and each time one is lost, or can't be had, for another reason than before. */
  readonly onConnected?: () => void;
  readonly onLost?: (because: string) => void;
  /** Between two attempts, ms; default 1 s, then twice as long each time, up to 10 s. */
  readonly retryMs?: number;
}

/** A connection to Slack that is made again whenever it is lost. */
export interface SlackSocket {
  isConnected(): boolean;
  /** Ends it within some seconds. */
  close(): Promise<void>;
}

const longestRetryMs = 10_000;
/** Slack says hello at once; a connection without it is none. */
const helloMs = 15_000;
const closingMs = 2_000;

/**
 * Opens Slack's socket mode, which needs no public address. The client's own reconnecting is not used: after a failed call of
 * `apps.connections.open` it ends the process by a rejection that nobody can catch, or rests for many minutes.
 */
export function openSlackSocket(settings: SlackSocketSettings): SlackSocket {
  const { onLost = () => undefined, retryMs = 1_000 } = settings;
  const stop = new AbortController();
  const state = { isConnected: false };
  const running = (async () => {
    let told = '';
    let waitMs = retryMs;
    while (!stop.signal.aborted) {
      let asked: number | undefined;
      try {
        await connectOnce(settings, state, stop.signal);
        [told, waitMs] = ['', retryMs];
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error);
        asked = error instanceof SlackError ? error.retryAfterMs : undefined;
        if (because !== told && !stop.signal.aborted) onLost(because);
        told = because;
      }
      await rest(asked ?? waitMs, undefined, { signal: stop.signal }).catch(() => undefined); // closed
      waitMs = Math.min(waitMs * 2, longestRetryMs);
    }
  })();
  return {
    isConnected: () => state.isConnected,
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** Resolves when a connection that stood has ended. @throws SlackError, or Error, where none could be had */
async function connectOnce(
  settings: SlackSocketSettings,
  state: { isConnected: boolean },
  signal: AbortSignal,
): Promise<void> {
  const client = newClient(settings);
  const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
  const end = () => void client.disconnect().catch(() => undefined);
  const late = setTimeout(end, helloMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    await started(client, settings);
    clearTimeout(late);
    state.isConnected = true;
    settings.onConnected?.();
    await ended;
    if (!signal.aborted) settings.onLost?.('the connection ended');
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
    state.isConnected = false;
    // Also one that was still being made when it was told to end.
    await Promise.race([client.disconnect().catch(() => undefined), rest(closingMs, undefined, { ref: false })]);
    client.removeAllListeners();
  }
}

async function started(client: SocketModeClient, { apiUrl }: SlackSocketSettings): Promise<void> {
  try {
    await client.start();
  } catch (error) {
    const { host } = new URL(apiUrl ?? 'https://slack.com/');
    if (error === undefined)
      throw new Error(`expected a socket from ${host}, found one that ended at once; see onLost`);
    throw toSlackError(error, { method: 'apps.connections.open', host, timeoutMs: callMs });
  }
}

const callMs = 5_000;

function newClient({ appToken, apiUrl, onInteraction, onLost }: SlackSocketSettings): SocketModeClient {
  const client = new SocketModeClient({
    appToken,
    logger: silent, // it logs payloads
    autoReconnectEnabled: false,
    clientOptions: {
      ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
      timeout: callMs,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      fetch: fetchWithCause,
    },
  });
  // It reads messages in a function whose rejection nobody catches: a message that is no object would end the process.
  const receive = client.listeners('ws_message') as ((...message: unknown[]) => Promise<void>)[];
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...message: unknown[]) => {
    for (const each of receive) void each(...message).catch(() => undefined);
  });
  client.on('interactive', ({ ack, body }: { ack: (response?: object) => Promise<void>; body: unknown }) => {
    try {
      onInteraction({ payload: body, acknowledge: (response) => void ack(response).catch(() => undefined) });
    } catch (error) {
      onLost?.(`a click could not be read: ${error instanceof Error ? error.name : 'unknown fault'}`);
    }
  });
  return client;
}

/** Asks for a socket and opens none: whether the token is one. @throws SlackError */
export async function trySlackSocket({
  appToken,
  apiUrl,
}: Pick<SlackSocketSettings, 'appToken' | 'apiUrl'>): Promise<void> {
  const { client, call } = connectSlack({ token: appToken, apiUrl, timeoutMs: callMs });
  await call('apps.connections.open', () => client.apps.connections.open());
}
