import { spawn } from 'node:child_process';

/** Ends a server and removes its folder if we die before we could; see `startWatchdog`. */
export interface Watchdog {
  /** From now on this process is to be ended; `undefined`: none is. */
  watch(pid: number | undefined): void;
  /** All is cleaned up: the watchdog goes. */
  dismiss(): void;
}

// Lines tell which process to end ("-": none). The end of the pipe without "done" means that its holder died.
const script = `
pid=-
while read -r word; do
  [ "$word" = done ] && exit 0
  pid=$word
done
if [ "$pid" != - ]; then
  for signal in $1; do
    kill -s "$signal" "$pid" 2>/dev/null || break
    tenths=0
    while [ "$tenths" -lt 50 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; tenths=$((tenths + 1)); done
  done
fi
rm -rf -- "$2"
`;

/**
 * A shell that does nothing but hold the other end of a pipe: when we die, by Ctrl-C, a crash or `kill -9`, the pipe
 * ends, and it ends the server with these signals, one after the other, and removes the folder. It has a session of
 * its own, so that Ctrl-C in the terminal reaches us and not it.
 *
 * @param signals from gentle to hard; 5 s for each
 * @param folder removed at the end, with all that is in it
 */
export function startWatchdog(signals: readonly NodeJS.Signals[], folder: string): Watchdog {
  const names = signals.map((signal) => signal.replace('SIG', '')).join(' ');
  const shell = spawn('/bin/sh', ['-c', script, 'rubicon-watchdog', names, folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
  });
  shell.on('error', () => {}); // no shell, no watchdog: what it guards is still ended by ourselves
  shell.stdin.on('error', () => {});
  shell.unref();
  unrefPipe(shell.stdin);
  return {
    watch: (pid) => shell.stdin.write(`${pid ?? '-'}\n`),
    dismiss: () => shell.stdin.end('done\n'),
  };
}

/** A pipe to a child is a socket, which the types don't say; open, it must not keep our process from ending. */
function unrefPipe(pipe: unknown): void {
  (pipe as { unref?: () => void }).unref?.();
}
