import type { ExitCode } from './exit-codes';
import type { Terminal } from './terminal';

/** What a word gets: where it writes, and where it leaves its exit code. */
export interface Cli {
  terminal: Terminal;
  /** `done` until a word sets another one. */
  exitCode: ExitCode;
}
