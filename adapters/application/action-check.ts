import { setTimeout as sleep } from 'node:timers/promises';
import { callUrl, type Check, type ActionParameters } from './action';
import { runCommand } from './action-command';
import { redact } from '../programs/secret-text';

/** How long, how often and with what a check is looked at. */
export interface WaitOptions {
  /** What `$name` in an expected value stands for, and `RUBICON_NAME` of a command. */
  parameters?: ActionParameters | undefined;
  /** For all looks and the pauses between them. */
  limitMs: number;
  /** Pause between two looks. Default 1,000. */
  everyMs?: number | undefined;
  /** How many looks in a row it must hold, for releases with several instances. Default 1. */
  inARow?: number | undefined;
  /** Ends the wait, and a command that is running; its reason is thrown. */
  signal?: AbortSignal | undefined;
  /** Masked in `last`. */
  secrets?: readonly string[] | undefined;
}

/** Whether a check came to hold. */
export interface WaitOutcome {
  kind: 'held' | 'not-held';
  /** Looks, at least 1. */
  attempts: number;
  /** All looks and pauses. */
  tookMs: number;
  /** What the last look expected and found. */
  last: string;
}

/** Longest time for one look. */
const lookMs = 10_000;
/** With less time left nobody answers: the look before tells more than that one would. */
const leastMs = 100;

/**
 * Looks until a check holds or the limit is over. Looks at least once. No answer at all is "does not hold": a restarting
 * application has none.
 * @throws only the signal's reason
 */
export async function waitUntil(check: Check, options: WaitOptions): Promise<WaitOutcome> {
  const { limitMs, everyMs = 1_000, inARow = 1, signal } = options;
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  for (let attempts = 1, row = 0; ; attempts += 1) {
    const { holds, found } = await look(check, options, Math.max(1, Math.min(lookMs, limitMs - took())));
    row = holds ? row + 1 : 0;
    if (row >= inARow) return { kind: 'held', attempts, tookMs: took(), last: found };
    const notHeld = (): WaitOutcome => ({ kind: 'not-held', attempts, tookMs: took(), last: found });
    if (took() + everyMs >= limitMs) return notHeld();
    await pause(everyMs, signal);
    if (limitMs - took() < leastMs) return notHeld();
  }
}

interface Look {
  holds: boolean;
  found: string;
}

async function look(
  check: Check,
  { parameters = {}, signal, secrets = [] }: WaitOptions,
  timeoutMs: number,
): Promise<Look> {
  if ('command' in check) {
    const outcome = await runCommand({ ...check, parameters, timeoutMs, signal, secrets });
    const found = outcome.kind === 'exited' ? `${outcome.exitCode}` : outcome.kind;
    return { holds: found === '0', found: `expected exit status 0, found ${found}` };
  }
  const { status, json, failure } = await callUrl(check.get, { headers: check.headers, timeoutMs, signal });
  if (failure !== undefined)
    return { holds: false, found: redact(`expected an answer, found ${failure.message}`, secrets) };
  const wrong: string[] = [];
  for (const [path, text] of Object.entries(check.expect)) {
    const expected = typeof text === 'string' && text.startsWith('$') ? (parameters[text.slice(1)] ?? text) : text;
    const value = valueAt(json, path);
    if (value !== expected) wrong.push(`expected ${path} = ${shown(expected)}, found ${shown(value)}`);
  }
  const holds = status !== undefined && status >= 200 && status < 300 && wrong.length === 0;
  const found = holds ? 'as expected' : [`status ${status}`, ...wrong].join('; ');
  return { holds, found: redact(found, secrets) };
}

function valueAt(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    return (value as Record<string, unknown>)[name];
  }, json);
}

/** Texts of a health answer are shown shortened, objects not at all. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return JSON.stringify(value).slice(0, 80);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
