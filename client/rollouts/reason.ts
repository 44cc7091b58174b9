import type { Cli } from '../terminal/word';
import { usageError } from '../terminal/cli-error';

/** The reason as given, or of the person at the terminal. @throws CliError if there is neither */
export async function readReason({ terminal }: Cli, reason: string | undefined): Promise<string> {
  if (reason !== undefined) return reason;
  if (terminal.interactive) return terminal.ask('Reason (the report will hold it): ');
  throw usageError('Expected a reason, found none and no terminal to ask at; give --reason "…".');
}
