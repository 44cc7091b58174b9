import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { CliError } from './cli-error';
import { exitCodes } from './exit-codes';
import { handOn, handedOn } from './handed-on';
import { explain, firstGroup, helpAfter } from './help';
import type { Terminal } from './terminal';
import type { Cli } from './word';

/** Loaded when asked for: what one of them needs takes longer than all the rest. */
const words = {
  plan: () => (require('./plan') as typeof import('./plan')).registerPlan,
  start: () => (require('./start') as typeof import('./start')).registerStart,
  list: () => (require('./list') as typeof import('./list')).registerList,
  status: () => (require('./status') as typeof import('./status')).registerStatus,
  why: () => (require('./why') as typeof import('./why')).registerWhy,
  approve: () => (require('./approve') as typeof import('./approve')).registerApprove,
  reject: () => (require('./reject') as typeof import('./reject')).registerReject,
  hold: () => (require('./hold') as typeof import('./hold')).registerHold,
  resume: () => (require('./resume') as typeof import('./resume')).registerResume,
  answer: () => (require('./answer') as typeof import('./answer')).registerAnswer,
  abort: () => (require('./abort') as typeof import('./abort')).registerAbort,
  rollback: () => (require('./rollback') as typeof import('./rollback')).registerRollback,
  report: () => (require('./report') as typeof import('./report')).registerReport,
  // The last one: it is made of all the others.
  completion: () => (require('./completion') as typeof import('./completion')).registerCompletion,
} satisfies Record<string, () => (program: Command, cli: Cli) => void>;

/** Runs one command line; never exits by itself, never throws. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const [word = '', ...rest] = args;
  const cli: Cli = { terminal, exitCode: exitCodes.done };
  try {
    if (word in handedOn) return await handOn(word as keyof typeof handedOn, rest);
    await program(cli, wordsOf(word)).parseAsync(args, { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    // Commander has written its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof CliError) {
      terminal.note(error.message);
      return error.exitCode;
    }
    terminal.note(`This is a fault of rubicon itself; please report it.\n${(error as Error).stack ?? String(error)}`);
    return exitCodes.failed;
  }
}

/** The one that was asked for; all of them for the help, for completion and for a slip of the pen; none for the version. */
function wordsOf(word: string): (keyof typeof words)[] {
  if (word === '--version') return [];
  return word in words && word !== 'completion'
    ? [word as keyof typeof words]
    : (Object.keys(words) as (keyof typeof words)[]);
}

function program(cli: Cli, wanted: (keyof typeof words)[]): Command {
  const root = new Command('rubicon')
    .description(
      'Takes columns, tables and rows out of production: reversible until the last second, recoverable afterwards.',
    )
    .version(ownVersion(), '--version', 'prints the version')
    .commandsGroup(firstGroup)
    .helpCommand('help [word]', 'explains a word')
    .exitOverride()
    .showHelpAfterError('(--help after the word explains it)')
    .configureOutput({ writeOut: (text) => cli.terminal.out(text), writeErr: (text) => cli.terminal.note(text) })
    .addHelpText('after', helpAfter);
  for (const [word, description] of Object.entries(handedOn)) root.command(word).description(description);
  for (const word of wanted) words[word]()(root, cli);
  explain(root);
  return root;
}

function ownVersion(): string {
  const text = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
