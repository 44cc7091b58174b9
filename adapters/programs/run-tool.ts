import { spawn, type ChildProcessByStdio } from 'node:child_process';
import path from 'node:path';
import { PassThrough, pipeline, type Readable, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { explainComplaint } from './tool-complaint';

/** One run of a program: with what, and where its output goes. */
export interface ToolRun {
  /** Absolute path. */
  program: string;
  /** No shell reads them. Every user of the machine can see them. */
  arguments: readonly string[];
  /** Added to the few variables that a tool needs; passwords go here, and never into `arguments`. */
  environment?: Readonly<Record<string, string>>;
  /** As whom it runs; default: the user of this process. */
  user?: { uid: number; gid: number } | undefined;
  /** Writes what the tool reads; that the tool stops reading early is no error. */
  input?: (stdin: Writable) => Promise<void>;
  /** Takes what the tool writes; default: it is collected as text. Its error ends the tool. */
  output?: (stdout: Readable) => Promise<void>;
  /** Ends the tool: SIGTERM, then SIGKILL after 2 s. Its reason is thrown once the tool is gone. */
  signal?: AbortSignal | undefined;
}

/** How a program ended; a bad end is no error. */
export interface ToolEnd {
  /** Null: ended by a signal. */
  exitCode: number | null;
  /** What it wrote; empty if `output` took it. */
  output: string;
  /** Its first complaint, without any value of the database; empty after a good end. */
  complaint: string;
  /** Until the process was gone. */
  tookMs: number;
}

/** How long a tool may take to end itself, and its query with it, before it is killed. */
const patienceMs = 2_000;

/** More than this of its complaints is not read. */
const longestComplaint = 65_536;

/**
 * Runs one program of PostgreSQL to its end. A bad end is a value; thrown is only what kept it from running, what the
 * callbacks throw, and the reason of the signal – each after the process is gone.
 *
 * It has a process group of its own, so that Ctrl-C at a terminal reaches the worker and not the tool half-way; when
 * the worker is killed, the closed pipes end it.
 */
export async function runTool(run: ToolRun): Promise<ToolEnd> {
  run.signal?.throwIfAborted();
  const startedMs = performance.now();
  const child = start(run);
  const ended = endOf(child, run);
  const stop = () => stopChild(child);
  run.signal?.addEventListener('abort', stop, { once: true });
  try {
    const [exitCode, complaints, output] = await Promise.all([
      ended,
      startOf(child.stderr),
      outputOf(child, run),
      feed(child.stdin, run.input),
    ]);
    run.signal?.throwIfAborted();
    const complaint = exitCode === 0 ? '' : explainComplaint(complaints, path.basename(run.program));
    return { exitCode, output, complaint, tookMs: Math.round(performance.now() - startedMs) };
  } catch (error) {
    stop();
    await ended.catch(() => undefined);
    run.signal?.throwIfAborted(); // what a stopped tool complains of is the consequence, not the reason
    throw error;
  } finally {
    run.signal?.removeEventListener('abort', stop);
  }
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function start(run: ToolRun): Child {
  const child = spawn(run.program, [...run.arguments], {
    cwd: '/',
    env: { ...toolEnvironment(), ...run.environment },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...run.user,
  });
  child.stdin.on('error', () => undefined); // it stopped reading: its exit code tells why
  return child;
}

/** Read from the first moment: Node discards what is still unread when a tool ends, without an error. */
async function outputOf({ stdout }: Child, { output }: ToolRun): Promise<string> {
  if (output === undefined) return text(stdout);
  await output(pipeline(stdout, new PassThrough(), () => undefined));
  return '';
}

/**
 * The environment of PostgreSQL's programs: messages in English, and nothing else of the worker's own that they don't
 * need, since that may hold secrets, and PG* variables of another server.
 */
export function toolEnvironment(): Record<string, string> {
  const needed = ['PATH', 'HOME', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];
  const files = ['PGPASSFILE', 'PGSSLROOTCERT', 'PGSSLCERT', 'PGSSLKEY'];
  const environment: Record<string, string> = { LC_ALL: 'C' };
  for (const name of [...needed, ...files]) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function endOf(child: Child, run: ToolRun): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', (exitCode) => resolve(exitCode));
    child.once('error', (error: NodeJS.ErrnoException) => {
      const asUser = run.user === undefined ? '' : ` as user ${run.user.uid}`;
      reject(
        new Error(
          `expected to start ${run.program}${asUser}, found ${error.code ?? 'an unknown error'}; check that it exists and may be run`,
        ),
      );
    });
  });
}

function stopChild(child: Child): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  child.once('exit', () => clearTimeout(impatience));
}

async function startOf(stderr: Readable): Promise<string> {
  let complaints = '';
  for await (const chunk of stderr) if (complaints.length < longestComplaint) complaints += String(chunk);
  return complaints;
}

async function feed(stdin: Writable, input: ToolRun['input']): Promise<void> {
  try {
    await input?.(stdin);
  } catch (error) {
    const stoppedReading = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'];
    if (!stoppedReading.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    stdin.end();
  }
}
