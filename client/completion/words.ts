import type { Command } from 'commander';
import { handedOnOptions } from './handed-on-options';

/** A word of the CLI as a shell has to know it. */
export interface Word {
  /** `plan check`; empty for the program itself. */
  path: string;
  description: string;
  /** Words that can follow. */
  next: string[];
  options: WordOption[];
  /** Values of its last argument. Empty = none is known. */
  choices: string[];
  /** Whether an argument is a plan: a file, a folder. */
  takesFile: boolean;
}

/** An option of a word. */
export interface WordOption {
  /** `--until`. */
  long: string;
  /** `-o`. */
  short?: string;
  description: string;
  /** What follows it: nothing, a file, one of `choices`, or what only a person knows. */
  value: 'none' | 'file' | 'choice' | 'other';
  /** Empty unless `value` is `choice`. */
  choices: string[];
}

const ofFiles = /^--(config|code-file|verify|folder|reports|workflow-bundle)$/;

/** The program and all its words, by the definitions that the help is made of. */
export function wordsOf(root: Command): Word[] {
  return [wordOf(root, ''), ...root.commands.flatMap((command) => below(command, ''))];
}

function below(command: Command, before: string): Word[] {
  const path = `${before} ${command.name()}`.trim();
  return [wordOf(command, path), ...command.commands.flatMap((inner) => below(inner, path))];
}

function wordOf(command: Command, path: string): Word {
  const { registeredArguments: given } = command;
  return {
    path,
    description: command.description(),
    next: command.commands.map((inner) => inner.name()),
    options: [
      ...command.options.map(({ long, short, description, argChoices, required, optional }) => ({
        long: long ?? '',
        ...(short !== undefined && { short }),
        description,
        value: valueOf(long ?? '', argChoices !== undefined, required || optional),
        choices: argChoices ?? [],
      })),
      ...(handedOnOptions[path] ?? []).map(({ long, description, takesValue }) => ({
        long,
        description,
        value: valueOf(long, false, takesValue),
        choices: [],
      })),
      { long: '--help', short: '-h', description: 'explains it', value: 'none' as const, choices: [] },
    ],
    choices: given.at(-1)?.argChoices ?? [],
    takesFile: given.some((argument) => argument.name() === 'plan'),
  };
}

function valueOf(long: string, hasChoices: boolean, takesValue: boolean): WordOption['value'] {
  if (!takesValue) return 'none';
  if (hasChoices) return 'choice';
  return ofFiles.test(long) ? 'file' : 'other';
}

/** Long and short names of options. */
export const flagsOf = (options: readonly WordOption[]): string[] =>
  options.flatMap(({ long, short }) => (short === undefined ? [long] : [long, short]));
