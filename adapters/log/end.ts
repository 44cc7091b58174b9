import { scanLines } from './scan';
import { openSegments } from './segments';

/** What the last lines of a log are like. Nothing that they say. */
export interface LogEnd {
  /** Of the whole file. */
  sizeBytes: number;
  /** Complete ones within its last MiB. */
  lines: number;
  /** Of them: JSON objects that say when, and which event. */
  understood: number;
  /** Latest instant of them, ms since 1970. */
  lastMs?: number;
}

const endBytes = 1_048_576;

/** Reads the last MiB of the current file. @throws the system's error where it can't be read */
export async function readLogEnd(file: string, signal?: AbortSignal): Promise<LogEnd | 'none'> {
  const segments = await openSegments(file);
  try {
    const current = segments.find(({ isCurrent }) => isCurrent);
    if (current === undefined) return 'none';
    const { sizeBytes } = current;
    const from = Math.max(0, sizeBytes - endBytes);
    const end: LogEnd = { sizeBytes, lines: 0, understood: 0 };
    await scanLines(current, { from, to: sizeBytes, signal }, ({ atMs, event }, offset) => {
      if (from > 0 && offset === from) return; // most likely the second half of one
      end.lines += 1;
      if (atMs !== undefined && event !== undefined) end.understood += 1;
      if (atMs !== undefined) end.lastMs = Math.max(end.lastMs ?? atMs, atMs);
    });
    return end;
  } finally {
    await Promise.all(segments.map(({ handle }) => handle.close()));
  }
}
