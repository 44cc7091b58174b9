import { exitCodes, type ExitCode } from './exit-codes';

/** Ends a word with a message for people (expected, found, what to do) and an exit code; no stack is shown. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

export const usageError = (message: string): CliError => new CliError(exitCodes.usage, message);
