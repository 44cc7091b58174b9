import { spawnSync } from 'node:child_process';

/** Not part of the usual set-up: only long programmes want it. @throws if it can't be had; what is missing is said */
export function fetchPostgres18(): void {
  const { status } = spawnSync(process.execPath, ['dev/setup.js', '--quiet', '--postgres-18'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('expected PostgreSQL 18, found none; see above');
}
