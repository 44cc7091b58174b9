import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Cli } from '../terminal/word';
import { usageError } from '../terminal/cli-error';

/** A code is never an argument: those are seen by everybody on the machine, and stay in the shell's history. */
export const withCodeFile = (command: Command): Command =>
  command.option('--code-file <file>', 'holds the code from your message; "-" reads it from the input');

/** The code from a file, the input, or the person at the terminal. @throws CliError if there is none to ask */
export async function readCode({ terminal }: Cli, file: string | undefined): Promise<string> {
  if (file !== undefined) return firstLine(file === '-' ? await terminal.readInput() : await textOf(file), file);
  if (terminal.interactive) return terminal.ask('Code from your direct message (not shown): ', true);
  throw usageError(
    'Expected the code from your direct message, found no terminal to ask at; give --code-file FILE, or --code-file - ' +
      'with the code on the input.',
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`Expected a file with the code at ${file}, found: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function firstLine(text: string, file: string): string {
  const [line = ''] = text.trim().split('\n');
  if (line !== '') return line.trim();
  throw usageError(`Expected the code in the first line of ${file === '-' ? 'the input' : file}, found nothing.`);
}
