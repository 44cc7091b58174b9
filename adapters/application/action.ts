import { runCommand } from './action-command';
import { call, type CallResult } from './http-application';

/** Values handed to an action: `RUBICON_RELEASE` or the word `$release` of a command, `release` in the JSON body of a POST. */
export type ActionParameters = Readonly<Record<string, string | number | boolean>>;

/** How the platform does something for us, as the settings say. Safe to run twice by contract with the platform. */
export type Action =
  | { command: readonly string[]; environment?: Readonly<Record<string, string>> | undefined }
  | { post: string; headers?: Readonly<Record<string, string>> | undefined }
  /** What to tell a person, who does it and says so. */
  | { person: string };

/** How one sees that it is done. */
export type Check =
  /** Every path of the JSON answer (`state.release`, `items.0.name`) has its value; `$release` means that parameter. */
  | {
      get: string;
      headers?: Readonly<Record<string, string>> | undefined;
      expect: Readonly<Record<string, string | number | boolean | null>>;
    }
  /** Exit status 0. */
  | { command: readonly string[]; environment?: Readonly<Record<string, string>> | undefined };

/** How an action ended. `output` is that of its command; a call has none. */
export type ActionOutcome =
  | { kind: 'done'; tookMs: number; output: string[] }
  /** `reason`: what was expected and found. It may have had its effect all the same: look before doing it again. */
  | { kind: 'failed' | 'timed-out'; tookMs: number; reason: string; output: string[] }
  | { kind: 'person'; instruction: string };

/** Options of {@link runAction}. */
export interface ActionOptions {
  /** Default: none. */
  parameters?: ActionParameters | undefined;
  /** For the command, or the whole call. */
  timeoutMs: number;
  /** Ends the action; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Masked in everything that comes back. */
  secrets?: readonly string[] | undefined;
}

/**
 * Runs an action once.
 * @throws only the signal's reason
 */
export async function runAction(action: Action, options: ActionOptions): Promise<ActionOutcome> {
  if ('person' in action) return { kind: 'person', instruction: action.person };
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const { failure, output } = 'post' in action ? await post(action, options) : await execute(action, options);
  if (failure === undefined) return { kind: 'done', tookMs: took(), output };
  return { kind: failure.timedOut ? 'timed-out' : 'failed', tookMs: took(), reason: failure.reason, output };
}

interface Done {
  failure?: { reason: string; timedOut?: boolean };
  output: string[];
}

async function execute(
  { command, environment }: Extract<Action, { command: unknown }>,
  options: ActionOptions,
): Promise<Done> {
  const filled = command.map((word) => `${parameterOf(word, options.parameters) ?? word}`);
  const outcome = await runCommand({ ...options, command: filled, environment });
  const { output } = outcome;
  switch (outcome.kind) {
    case 'exited':
      if (outcome.exitCode === 0) return { output };
      return { output, failure: { reason: `expected exit status 0, found ${outcome.exitCode}` } };
    case 'ended-by-signal':
      return { output, failure: { reason: `expected exit status 0, found that ${outcome.exitSignal} ended it` } };
    case 'not-started':
      return { output, failure: { reason: outcome.reason } };
    case 'timed-out':
      return {
        output,
        failure: {
          reason: `expected it to end within ${options.timeoutMs} ms, found it running; stopped it`,
          timedOut: true,
        },
      };
  }
}

/** A word `$revision` of a command is that parameter, whole: nothing is put together, and no shell reads it. */
const parameterOf = (word: string, parameters: ActionParameters = {}): string | number | boolean | undefined =>
  word.startsWith('$') && Object.hasOwn(parameters, word.slice(1)) ? parameters[word.slice(1)] : undefined;

async function post({ post: url, headers }: Extract<Action, { post: string }>, options: ActionOptions): Promise<Done> {
  const { parameters = {}, timeoutMs, signal } = options;
  const result = await callUrl(url, { method: 'POST', headers, body: parameters, timeoutMs, signal });
  const { status, failure } = result;
  if (failure !== undefined)
    return { output: [], failure: { reason: failure.message, timedOut: failure.kind === 'timeout' } };
  if (status !== undefined && status >= 200 && status < 300) return { output: [] };
  return { output: [], failure: { reason: `expected status 2xx, found ${status}` } };
}

/** A URL of the settings as a call. */
export async function callUrl(
  url: string,
  options: Omit<Parameters<typeof call>[0], 'baseUrl' | 'path'>,
): Promise<CallResult> {
  if (!URL.canParse(url)) return { tookMs: 0, failure: { kind: 'request', message: 'expected a URL in the settings' } };
  const { origin, pathname, search } = new URL(url);
  return call({ ...options, baseUrl: origin, path: `${pathname}${search}` });
}
