import { LogLevel, WebClient } from '@slack/web-api';
import { toSlackError } from './error';

/** How to reach Slack's Web API. */
export interface SlackSettings {
  /** Bot token. Never appears in an error or a log. */
  readonly token: string;
  /** Root of the Web API; default `https://slack.com/api/`. */
  readonly apiUrl?: string | undefined;
  /** Limit of one HTTP call; default 5,000 ms. A post with its look-ups can take several of them. */
  readonly timeoutMs?: number | undefined;
}

/** The Web API by one token. */
export interface SlackConnection {
  /** To be used inside `call`: its own errors can hold what was sent. */
  readonly client: WebClient;
  /** Runs one request; whatever it throws becomes a `SlackError` of this method. */
  call<T>(method: string, request: () => Promise<T>): Promise<T>;
}

const silence = () => undefined;
/** The client would print its warnings on our standard output. */
export const silent = {
  debug: silence,
  info: silence,
  warn: silence,
  error: silence,
  setLevel: silence,
  setName: silence,
  getLevel: () => LogLevel.ERROR,
};

/** A Web API client that tries each call once, within a limit, and prints nothing. Connects only when called. */
export function connectSlack({
  token,
  apiUrl = 'https://slack.com/api/',
  timeoutMs = 5000,
}: SlackSettings): SlackConnection {
  // fetch quotes a header that it can't send, token included.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Error('expected a Slack token without spaces or line breaks, found some; copy the token again');
  }
  const { host } = new URL(apiUrl);
  const client = new WebClient(token, {
    slackApiUrl: apiUrl,
    timeout: timeoutMs,
    logger: silent,
    retryConfig: { retries: 0 }, // the default tries for half an hour inside one call
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    fetch: fetchWithCause,
  });
  return {
    client,
    async call(method, request) {
      try {
        return await request();
      } catch (error) {
        throw toSlackError(error, { method, host, timeoutMs });
      }
    },
  };
}

/** The client keeps no more than the text of an error of another realm (as in jest), and that text lacks the cause. */
export const fetchWithCause: typeof fetch = async (input, init) => {
  try {
    return await fetch(input, init);
  } catch (cause) {
    throw new Error('fetch failed', { cause });
  }
};
