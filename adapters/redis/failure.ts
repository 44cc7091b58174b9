import { safeMessage } from '../programs/secret-text';

/**
 * Why a call to Redis could not be done.
 * - `unreachable`, `timeout`: may pass by itself; every call of the adapter may be repeated
 * - `not-master`, `cluster`: this server must not be acted on; someone must correct the settings
 * - `pattern`: a pattern that is no prefix followed by `*`
 * - `refused`: the server said no (permissions, out of memory, …)
 */
export type RedisFailureReason = 'unreachable' | 'timeout' | 'not-master' | 'cluster' | 'pattern' | 'refused';

/** The only error the Redis adapter throws besides a cancel. Its message never holds a key name, a value or a password. */
export class RedisFailure extends Error {
  override readonly name = 'RedisFailure';

  constructor(
    readonly reason: RedisFailureReason,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Turns an error of ioredis into a `RedisFailure`. The original is not kept as its cause: ioredis hangs the command with
 * all its arguments on it, and the server quotes arguments in its messages, both of which hold key names.
 */
export function redisFailure(place: string, error: unknown, secrets: readonly string[]): RedisFailure {
  if (error instanceof RedisFailure) return error;
  const { name, message = '' } = error as Partial<Error>;
  const isReply = name === 'ReplyError';
  const reason = isReply ? replyReason(message) : /timed? ?out/i.test(message) ? 'timeout' : 'unreachable';
  return new RedisFailure(
    reason,
    `Redis at ${place}: ${isReply ? replyText(message) : lossText(error, message, secrets)}`,
  );
}

/** What comes before the first quotation of an argument. */
const replyText = (message: string): string => (message.split(/['"`]/, 1)[0] ?? '').slice(0, 120);

const lossText = (error: unknown, message: string, secrets: readonly string[]): string =>
  /^(?:Connection is closed|Stream isn't writeable)/.test(message)
    ? 'the connection was lost'
    : safeMessage(error, secrets);

function replyReason(message: string): RedisFailureReason {
  if (message.startsWith('READONLY')) return 'not-master';
  if (/^(?:LOADING|BUSY|MASTERDOWN|TRYAGAIN)\b/.test(message)) return 'unreachable';
  return /^(?:MOVED|ASK|CLUSTERDOWN|CROSSSLOT)\b/.test(message) ? 'cluster' : 'refused';
}
