import { spawn, type ChildProcess } from 'node:child_process';
import { redact } from '../programs/secret-text';

/** One run of a command of the settings. */
export interface CommandOptions {
  /**
   * Program and arguments, as they are: no shell reads them. Not the place for a secret: every user of the machine can
   * see them.
   */
  command: readonly string[];
  /** Added to the few variables that every program needs; its values count as secrets. */
  environment?: Readonly<Record<string, string>> | undefined;
  /** Become `RUBICON_<NAME>`. */
  parameters?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Then the command is ended, with all that it has started. */
  timeoutMs: number;
  /** Ends it likewise; its reason is thrown once the command has ended. */
  signal?: AbortSignal | undefined;
  /** Masked in `output`. */
  secrets?: readonly string[] | undefined;
}

/** How a command ended; `output` is its last 20 lines, both streams, with secrets masked. */
export type CommandOutcome =
  | { kind: 'exited'; exitCode: number; output: string[] }
  | { kind: 'ended-by-signal'; exitSignal: string; output: string[] }
  | { kind: 'not-started'; reason: string; output: string[] }
  | { kind: 'timed-out'; output: string[] };

const outputLines = 20;
const outputBytes = 32_768;
const graceMs = 5_000;
/** What programs need to run at all. The rest of our environment holds tokens and the approval key. */
const inherited = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot'];

/**
 * Runs a command of the settings in a process group of its own, which ends whole at the limit or a cancel: first politely,
 * 5 s later surely.
 * @throws only the signal's reason, when the command has ended
 */
export async function runCommand(options: CommandOptions): Promise<CommandOutcome> {
  options.signal?.throwIfAborted();
  const [program = '', ...args] = options.command;
  const secrets = [...(options.secrets ?? []), ...Object.values(options.environment ?? {})];
  let tail = '';
  const child = spawn(program, args, {
    env: environmentOf(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-outputBytes)));
  }
  const ended = await endOf(child, options);
  options.signal?.throwIfAborted();
  return { ...ended, output: lastLines(tail, secrets) };
}

type Ended = CommandOutcome extends infer One ? (One extends unknown ? Omit<One, 'output'> : never) : never;

function endOf(child: ChildProcess, { timeoutMs, signal }: CommandOptions): Promise<Ended> {
  return new Promise((resolve) => {
    let timedOut = false;
    let killTimer: NodeJS.Timeout | undefined;
    const end = (): void => {
      signalGroup(child, 'SIGTERM');
      killTimer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    };
    const limitTimer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    signal?.addEventListener('abort', end, { once: true });

    const settle = (outcome: Ended): void => {
      clearTimeout(limitTimer);
      clearTimeout(killTimer);
      signal?.removeEventListener('abort', end);
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(outcome);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      settle({ kind: 'not-started', reason: `could not start "${child.spawnfile}": ${error.code ?? 'unknown error'}` });
    });
    child.once('exit', (exitCode, exitSignal) => {
      const outcome: Ended = timedOut
        ? { kind: 'timed-out' }
        : exitCode === null
          ? { kind: 'ended-by-signal', exitSignal: exitSignal ?? 'unknown' }
          : { kind: 'exited', exitCode };
      // What it started in the background may keep its output open without end.
      const drainTimer = setTimeout(() => settle(outcome), 300);
      child.once('close', () => {
        clearTimeout(drainTimer);
        settle(outcome);
      });
    });
  });
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // gone already
  }
}

function environmentOf({ environment, parameters }: CommandOptions): Record<string, string> {
  const own = inherited.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const named = Object.entries(parameters ?? {}).map(
    ([name, value]) => [`RUBICON_${variableName(name)}`, String(value)] as const,
  );
  return { ...Object.fromEntries(own), ...environment, ...Object.fromEntries(named) };
}

/** `releaseName` → `RELEASE_NAME`. */
const variableName = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();

function lastLines(text: string, secrets: readonly string[]): string[] {
  const lines = redact(text, secrets).trimEnd().split(/\r?\n/);
  return lines
    .slice(-outputLines)
    .filter((line) => line !== '')
    .map((line) => line.slice(0, 500));
}
