import { execFile } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Processes of the PostgreSQL server whose data are in this folder; each of them works there. */
export async function serverProcesses(data: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => undefined);
  if (entries === undefined) return processesByCommand(data);
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (!/^\d+$/.test(entry)) return undefined;
      const place = await readlink(`/proc/${entry}/cwd`).catch(() => undefined); // gone, or not ours
      // the kernel marks a folder that was removed under its process
      return place === data || place === `${data} (deleted)` ? Number(entry) : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** Where there is no /proc (macOS): the first process, which names its folder; the others end with it. */
async function processesByCommand(data: string): Promise<number[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,command=']);
  const lines = stdout.split('\n').filter((line) => line.includes(` ${data}`) && line.includes('postgres'));
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid > 0 && pid !== process.pid);
}

/**
 * Ends the server at once, without saving its data, which no one needs any more.
 *
 * @throws if a process of it is still there after 15 s
 */
export async function endServer(data: string): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGQUIT', 7_000], // with this one it also gives back its shared memory
    ['SIGKILL', 8_000],
  ] as const) {
    const deadline = Date.now() + limitMs;
    for (const pid of await serverProcesses(data)) kill(pid, signal);
    while (Date.now() < deadline) {
      if ((await serverProcesses(data)).length === 0) return;
      await delay(20);
    }
  }
  const left = await serverProcesses(data);
  if (left.length > 0)
    throw new Error(`expected the server in ${data} to end, found the processes ${left.join(', ')}; end them by hand`);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone meanwhile; one that may not be killed is found again by the caller
  }
}
