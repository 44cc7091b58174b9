import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion/bash';
import { fishCompletion } from './completion/fish';
import { wordsOf, type Word } from './completion/words';
import { zshCompletion } from './completion/zsh';
import type { Cli } from './terminal/word';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } satisfies Record<
  string,
  (words: Word[]) => string
>;
const shells = Object.keys(scripts) as (keyof typeof scripts)[];

/** Has to be registered last, beside all other words: it is made of what they are defined as. */
export function registerCompletion(program: Command, cli: Cli): void {
  program
    .command('completion')
    .description('prints a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action((shell: keyof typeof scripts) => cli.terminal.out(scripts[shell](wordsOf(program))));
}
