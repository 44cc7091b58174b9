import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { runCli } from '../../../client/cli';
import type { Terminal } from '../../../client/terminal/terminal';

/** What a command line left behind. */
export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the CLI within this process, without a terminal unless `answers` say what a person at one types. */
export async function command(args: readonly string[], answers?: readonly string[], input = ''): Promise<Ran> {
  const ran = { out: '', err: '' };
  const rest = [...(answers ?? [])];
  const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  const terminal: Terminal = {
    out: (text) => void (ran.out += line(text)),
    note: (text) => void (ran.err += line(text)),
    redraw: (text) => void (ran.out += line(text)),
    outIsTerminal: false,
    size: { columns: 100, rows: 40 },
    interactive: answers !== undefined,
    ask: (question) => {
      ran.err += `${question}\n`;
      return Promise.resolve(rest.shift() ?? '');
    },
    readInput: () => Promise.resolve(input),
  };
  return { code: await runCli(args, terminal), ...ran };
}

/** Runs the CLI as a process of its own, as people do; `interruptWhen` sends Ctrl-C once its output matches. */
export function commandProcess(
  args: readonly string[],
  options: { environment?: NodeJS.ProcessEnv; interruptWhen?: RegExp } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [join(__dirname, '../../../client/rubicon.js'), ...args], {
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ran = { out: '', err: '' };
  let interrupted = false;
  const interrupt = (): void => {
    if (interrupted || options.interruptWhen?.test(ran.out + ran.err) !== true) return;
    interrupted = child.kill('SIGINT');
  };
  child.stdout.on('data', (chunk: Buffer) => {
    ran.out += chunk.toString();
    interrupt();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    ran.err += chunk.toString();
    interrupt();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...ran }));
  });
}
