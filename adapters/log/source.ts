import type { LogRead, ReadLogOptions } from './log-file';
import { readLogEnd, type LogEnd } from './end';
import { isCursor } from './segments';
import { summarizeLog, type LogSummary } from './summary';
import type { LogRule } from './rules';

/** Where a reading has ended, as JSON; only the kind of source that made it looks into it. Empty = nothing could be read. */
export type LogPosition = Record<string, unknown>;

/** Which part of a log is read, and what is made of it. */
export interface SourceRead extends Pick<ReadLogOptions, 'sinceAt' | 'signal'> {
  /** Continue where this one stopped. Not of this kind of source = as if there were none: nobody reads on by another's place. */
  position?: LogPosition | undefined;
  rules: readonly LogRule[];
  /** Each line, too, for what no rule can say. */
  onLine?: ReadLogOptions['onLine'];
}

/** What was read, and where the next reading goes on; without a position nothing could be read. */
export type SourceSummary = Pick<LogRead, 'coverage'> & { summary: LogSummary; position?: LogPosition };

/**
 * Where the lines of an application come from. A further kind of source (a service that keeps logs, a command that prints
 * them) is a further function that returns this; who reads evidence asks nothing else.
 */
export interface LogSource {
  /** For people: a path, an address without secrets. */
  name: string;
  /** Whether it can read on from there: the position is one of its own kind, and not empty. */
  knows(position: LogPosition): boolean;
  /** Folds the lines by rules. What could not be read is a gap of the coverage, never an error. */
  summarize(read: SourceRead): Promise<SourceSummary>;
  /** What its last lines are like. @throws the system's error where it can't be read */
  readEnd(signal?: AbortSignal): Promise<LogEnd | 'none'>;
}

/** A file on this machine, with what was rotated away beside it. */
export function logFile(file: string): LogSource {
  return {
    name: file,
    knows: isCursor,
    async summarize({ position, ...read }) {
      const cursor = position !== undefined && isCursor(position) ? position : undefined;
      const { cursor: next, coverage, summary } = await summarizeLog({ file, cursor, ...read });
      return { coverage, summary, ...(next && { position: { ...next } }) };
    },
    readEnd: (signal) => readLogEnd(file, signal),
  };
}
