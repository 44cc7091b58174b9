import { appendFileSync } from 'node:fs';
import { openSampleLog } from '../sample-application/log';
import { parseRelease, type ReleaseName } from '../sample-application/releases';

export interface LogSeedSettings {
  logFile: string;
  /** What has been running. Default `phase2`. */
  release?: ReleaseName;
  /** Default 8: a check that looks back a week finds it covered. */
  days?: number;
  /** Between two requests. Default 60. */
  everySeconds?: number;
}

/**
 * Writes the log of a quiet past, up to this moment: one successful request after the other, and no refused ownership
 * check. 8 days, a request a minute: 11,522 lines, 3 MB.
 */
export function seedSampleLog({ logFile, release = 'phase2', days = 8, everySeconds = 60 }: LogSeedSettings): void {
  const lines: string[] = [];
  const nowMs = Date.now();
  let atMs = nowMs - days * 24 * 60 * 60 * 1_000;
  const log = openSampleLog(
    (line) => lines.push(line),
    () => new Date(atMs),
  );
  log.event('info', 'application_started', { release, commit: parseRelease(release).commit });
  for (let n = 0; atMs <= nowMs; n += 1, atMs += everySeconds * 1_000) {
    const [method, status_code] = n % 5 === 0 ? ['POST', 201] : ['GET', 200];
    const path = n % 2 === 0 ? '/api/v1/sessions' : '/api/v1/assistants';
    const duration_ms = 2 + (n % 17) / 4;
    log.event('info', 'request_completed', { status_code, duration_ms, path, method, client_ip: '127.0.0.1' });
  }
  appendFileSync(logFile, `${lines.join('\n')}\n`);
}
