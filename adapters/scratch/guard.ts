import { spawn } from 'node:child_process';
import { serverUser } from '../postgres/tools';

/** Ends the server and removes its data once the pipe from the worker is closed. Its rights are the server's. */
const script = `
cat > /dev/null
cd "$1" 2> /dev/null || exit 0
pid=$(head -n 1 data/postmaster.pid 2> /dev/null)
if [ -n "$pid" ] && kill -QUIT "$pid" 2> /dev/null; then
  tries=0
  while [ $tries -lt 100 ] && kill -0 "$pid" 2> /dev/null; do tries=$((tries + 1)); sleep 0.1; done
fi
rm -rf data s
`;

/**
 * Starts a process that outlives us by a moment: however the worker ends, also by `kill -9`, the server with the
 * data of a backup does not stay behind until the next sweep. Returns the way to dismiss it, after everything is gone.
 */
export function guardScratch(cluster: string): () => void {
  const writeGuard = spawn('/bin/sh', ['-c', script, 'rubicon-scratch-guard', cluster], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...serverUser(),
  });
  writeGuard.on('error', () => undefined); // the sweep is there for that
  writeGuard.stdin.on('error', () => undefined);
  writeGuard.unref();
  return () => void writeGuard.stdin.end();
}
