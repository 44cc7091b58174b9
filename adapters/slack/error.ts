import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';

/** What a failed call means to its caller: wait for `retryAfterMs`; try again later; a person must change something. */
export type SlackErrorKind = 'rate-limited' | 'unreachable' | 'refused';

interface SlackErrorFacts {
  readonly kind: SlackErrorKind;
  readonly method: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
  readonly outcomeUnclear?: boolean;
}

/**
 * The only error of the Slack adapter. Its message is made here from known words (expected, found, what to do): no
 * token, no text of the answer. It has no `cause`, since Temporal writes causes into the history.
 */
export class SlackError extends Error {
  override readonly name = 'SlackError';
  readonly kind: SlackErrorKind;
  /** The Web API method, for example `chat.postMessage`. */
  readonly method: string;
  /** Slack's own word for a refusal, for example `channel_not_found`. */
  readonly code: string | undefined;
  /** Only for `rate-limited`: how long Slack wants us to wait. */
  readonly retryAfterMs: number | undefined;
  /** True if the call may have had its effect although it failed: repeat a post with `maybePosted`. */
  readonly outcomeUnclear: boolean;

  constructor(message: string, facts: SlackErrorFacts) {
    super(message);
    this.kind = facts.kind;
    this.method = facts.method;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs;
    this.outcomeUnclear = facts.outcomeUnclear ?? false;
  }
}

// Where Slack names no time.
const DEFAULT_RETRY_AFTER_MS = 30_000;

// No connection was made, so that nothing was sent for certain; every other failure leaves that open.
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

// undici's and the system's word for a connection that ended before the answer.
const cut = new Set(['UND_ERR_SOCKET', 'ECONNRESET']);

// "Some aspect of the operation may have succeeded": docs.slack.dev, common errors.
const transient = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

const rateLimits = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);

const renewToken = 'put a valid bot token (xoxb-…) of the installed app into the settings';
const renewAppToken = 'put an app-level token (xapp-…) with the scope connections:write into slack.codes.buttons';
const shorten = "make the text or its blocks shorter or simpler, within Slack's limits";
const addApp = 'invite the app to the channel (/invite), and check the channel id in the settings';

const remedies: Readonly<Record<string, string>> = {
  invalid_auth: renewToken,
  not_authed: renewToken,
  token_revoked: renewToken,
  token_expired: renewToken,
  account_inactive: renewToken,
  missing_scope: 'add the scope to the app and install it again',
  channel_not_found: addApp,
  not_in_channel: addApp,
  no_permission: addApp,
  is_archived: 'unarchive the channel, or name another one in the settings',
  user_not_found: 'correct the Slack id of this person in the settings',
  user_disabled: 'this person has left the workspace: take them out of the settings',
  message_not_found: 'the message was deleted in Slack: post a new one',
  cant_update_message: 'only the app that posted a message can change it: use the token of that app',
  msg_too_long: shorten,
  msg_blocks_too_long: shorten,
  invalid_blocks: shorten,
  no_text: 'give the message a text',
};

/** Turns whatever the Slack client threw into one `SlackError`; `host` and `timeoutMs` are for its message. */
export function toSlackError(error: unknown, at: { method: string; host: string; timeoutMs: number }): SlackError {
  if (error instanceof SlackError) return error;
  if (error instanceof WebAPIRateLimitedError) return rateLimited(at.method, error.retryAfter * 1000);
  if (error instanceof WebAPIPlatformError) return fromAnswer(error.data, at);
  if (error instanceof WebAPIHTTPError) return unreachable(`HTTP status ${error.statusCode}`, true, at);
  return fromConnection(error, at);
}

function fromAnswer(answer: WebAPIPlatformError['data'], at: { method: string; host: string }): SlackError {
  const code = answer.error;
  // An answer that is no JSON (a proxy's page) arrives here with its whole text as the error.
  if (!/^[a-z0-9_]{1,80}$/.test(code)) return unreachable('an unreadable answer', true, at);
  if (rateLimits.has(code)) {
    const retryAfterS = answer.response_metadata?.retryAfter;
    return rateLimited(at.method, retryAfterS === undefined ? DEFAULT_RETRY_AFTER_MS : retryAfterS * 1000);
  }
  if (transient.has(code)) return unreachable(code, true, at);
  const known = remedies[code];
  const isAppToken = at.method === 'apps.connections.open' && known === renewToken;
  const remedy = (isAppToken ? renewAppToken : known) ?? `see https://docs.slack.dev/reference/methods/${at.method}`;
  const message = `expected Slack to accept ${at.method}, found ${code}${particulars(answer)}; ${remedy}`;
  return new SlackError(message, { kind: 'refused', method: at.method, code });
}

/** Slack says which scope is missing and which block is wrong: names and places, no values. */
function particulars(answer: WebAPIPlatformError['data']): string {
  const { needed } = answer as { needed?: unknown };
  const notes = [
    ...(typeof needed === 'string' ? [`needs ${needed}`] : []),
    ...(answer.response_metadata?.messages ?? []).map((note) => note.replace(/^\[ERROR\]\s*/, '')),
  ];
  return notes.length === 0 ? '' : ` (${notes.slice(0, 5).join('; ').slice(0, 500)})`;
}

function fromConnection(error: unknown, at: { method: string; host: string; timeoutMs: number }): SlackError {
  // The system's word (ECONNREFUSED) is the innermost of several errors; the outer ones have words of their libraries.
  for (let link = error as Link | undefined, depth = 0; link != null && depth < 6; link = link.cause, depth += 1) {
    if (link.name === 'TimeoutError') return unreachable(`none within ${at.timeoutMs} ms`, true, at);
    const code = String(link.code);
    if (cut.has(code)) return unreachable('a cut connection', true, at);
    if (/^[A-Z][A-Z0-9_]+$/.test(code)) return unreachable(code, !notSent.has(code), at);
  }
  return unreachable('a broken connection', true, at);
}

type Link = { readonly name?: unknown; readonly code?: unknown; readonly cause?: Link };

function rateLimited(method: string, retryAfterMs: number): SlackError {
  const message = `expected Slack to accept ${method}, found its rate limit; call again in ${retryAfterMs / 1000} s`;
  return new SlackError(message, { kind: 'rate-limited', method, retryAfterMs });
}

function unreachable(found: string, outcomeUnclear: boolean, at: { method: string; host: string }): SlackError {
  const message = `expected an answer to ${at.method} from ${at.host}, found ${found}; check the network and https://slack-status.com`;
  return new SlackError(message, { kind: 'unreachable', method: at.method, outcomeUnclear });
}
