import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWatchdog } from './watchdog';

/** What to run, and how one sees that it is ready. */
export interface ChildSpec {
  /** For messages: `PostgreSQL staging`. */
  name: string;
  program: string;
  args: readonly string[];
  /** Of this server alone; holds its log and is removed with all that is in it by `stop`. */
  folder: string;
  /** Variables besides PATH, HOME, LC_ALL and TZ; default none. */
  env?: Readonly<Record<string, string>>;
  /** Spread into the options of `spawn`: another user, see `databaseUser`. */
  user?: { uid?: number; gid?: number };
  /** Runs once before the first start, guarded like the server: fills its folder. */
  prepare?: (run: RunOnce) => Promise<void>;
  /** Resolves if the server answers as it should; throws until then. */
  isReady: () => Promise<unknown>;
  /** From gentle to hard, 5 s for each; the last one cannot be refused. Default SIGTERM, SIGKILL. */
  endSignals?: readonly NodeJS.Signals[];
  /** As if it had crashed. Default SIGKILL. */
  killSignal?: NodeJS.Signals;
}

/** Runs a program to its end; throws with the tail of the log. */
export type RunOnce = (program: string, args: readonly string[]) => Promise<void>;

/** A server that lives at most as long as our process. */
export interface Child {
  /** Changes with `restart`; undefined while it does not run. */
  readonly pid: number | undefined;
  /** Standard output and errors of the server. */
  readonly logFile: string;
  /** Ends it and removes its folder. Never throws because it is gone already. */
  stop(): Promise<void>;
  /** Ends it as a crash would; the folder stays. */
  kill(): Promise<void>;
  /** Starts it again with the same folder and ports; ends it first if it runs. Resolves when it is ready. */
  restart(): Promise<void>;
}

/** What ends early is told at once; for the others a machine may be busy, and compile everything for the first time. */
const READY_WITHIN_MS = 90_000;
const LOG_TAIL_LINES = 15;

/**
 * Starts a server and waits until it is ready. It is surely ended: by `stop`, or by a watchdog when our process dies.
 * It keeps our process neither alive nor from ending. Its environment is bare, so that none of our variables (and
 * secrets) reaches it.
 *
 * @throws if it ends or is not ready within 90 s; the message has the tail of its log
 */
export async function startChild(spec: ChildSpec): Promise<Child> {
  const endSignals = spec.endSignals ?? ['SIGTERM', 'SIGKILL'];
  const logFile = join(spec.folder, 'log');
  const watchdog = startWatchdog(endSignals, spec.folder);
  let running: ChildProcess | undefined;

  const launch = (program: string, args: readonly string[]): ChildProcess => {
    const log = openSync(logFile, 'a');
    const child = spawn(program, args, {
      cwd: spec.folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: spec.folder, LC_ALL: 'C', TZ: 'UTC', ...spec.env },
      stdio: ['ignore', log, log],
      detached: true, // Ctrl-C in the terminal is for us alone: we end it in our own order
      ...spec.user,
    });
    closeSync(log);
    child.once('error', () => {}); // no such program: told by `hasEnded`
    child.once('exit', () => watchdog.watch(undefined));
    watchdog.watch(child.pid);
    child.unref();
    return child;
  };
  const start = async (): Promise<void> => {
    running = launch(spec.program, spec.args);
    await untilReady(spec, running, logFile);
  };
  const stop = async (): Promise<void> => {
    await end(running, endSignals);
    rmSync(spec.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    watchdog.dismiss();
  };

  try {
    await spec.prepare?.(async (program, args) => {
      const child = launch(program, args);
      if ((await untilEnd(child, READY_WITHIN_MS)) && child.exitCode === 0) return;
      await end(child, ['SIGKILL']);
      throw new Error(`${spec.name}: expected ${program} to succeed, it ended with ${endOf(child)}\n${tail(logFile)}`);
    });
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    get pid() {
      return running && !hasEnded(running) ? running.pid : undefined;
    },
    logFile,
    stop,
    kill: () => end(running, [spec.killSignal ?? 'SIGKILL', 'SIGKILL']),
    restart: async () => {
      await end(running, endSignals);
      await start();
    },
  };
}

async function untilReady(spec: ChildSpec, child: ChildProcess, logFile: string): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const why = await spec.isReady().then(
      () => undefined,
      (error: unknown) => error,
    );
    // Ended but answering: another server has our port.
    if (hasEnded(child))
      throw new Error(`${spec.name} ended with ${endOf(child)} instead of starting\n${tail(logFile)}`);
    if (why === undefined) return;
    if (Date.now() > until) {
      throw new Error(
        `expected ${spec.name} to be ready within ${READY_WITHIN_MS} ms (${String(why)})\n${tail(logFile)}`,
      );
    }
    await sleep(20);
  }
}

async function end(child: ChildProcess | undefined, signals: readonly NodeJS.Signals[]): Promise<void> {
  if (!child) return;
  for (const signal of signals) {
    if (hasEnded(child)) return;
    child.kill(signal);
    if (await untilEnd(child, 5_000)) return;
  }
}

function untilEnd(child: ChildProcess, limitMs: number): Promise<boolean> {
  if (hasEnded(child)) return Promise.resolve(true);
  child.ref();
  return new Promise((resolve) => {
    const finish = (ended: boolean) => () => {
      clearTimeout(timer);
      child.unref();
      resolve(ended);
    };
    const timer = setTimeout(finish(false), limitMs);
    child.once('exit', finish(true));
    child.once('error', finish(true));
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function endOf(child: ChildProcess): string {
  return child.pid === undefined ? 'no such program' : String(child.exitCode ?? child.signalCode ?? 'no end in time');
}

function tail(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}
