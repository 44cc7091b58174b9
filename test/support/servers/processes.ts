import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes whose command line contains `text`; our own is left out. */
export function processesNaming(text: string): number[] {
  const all = existsSync('/proc/self/cmdline') ? fromProc() : fromPs();
  return all.filter(({ pid, command }) => pid !== process.pid && command.includes(text)).map(({ pid }) => pid);
}

/** Whether a process was stopped by a signal, and goes on with SIGCONT. */
export function isStopped(pid: number): boolean {
  if (!existsSync('/proc/self/stat')) return /^T/.test(execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`]).toString());
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Whether there is such a process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function fromProc(): { pid: number; command: string }[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map((pid) => ({ pid: Number(pid), command: commandOf(pid) }));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // ended meanwhile
  }
}

function fromPs(): { pid: number; command: string }[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
}
