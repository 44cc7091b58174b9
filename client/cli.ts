import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { CliError } from './terminal/cli-error';
import { exitCodes } from './terminal/exit-codes';
import { handOn, handedOn } from './terminal/handed-on';
import { explain, firstGroup, helpAfter } from './terminal/help';
import type { Terminal } from './terminal/terminal';
import type { Cli } from './terminal/word';

/** Loaded when asked for: what one of them needs takes longer than all the rest. */
const words = {
  plan: () => (require('./plan/plan') as typeof import('./plan/plan')).registerPlan,
  start: () => (require('./commands/start') as typeof import('./commands/start')).registerStart,
  list: () => (require('./commands/list') as typeof import('./commands/list')).registerList,
  status: () => (require('./commands/status') as typeof import('./commands/status')).registerStatus,
  why: () => (require('./commands/why') as typeof import('./commands/why')).registerWhy,
  approve: () => (require('./commands/approve') as typeof import('./commands/approve')).registerApprove,
  reject: () => (require('./commands/reject') as typeof import('./commands/reject')).registerReject,
  hold: () => (require('./commands/hold') as typeof import('./commands/hold')).registerHold,
  resume: () => (require('./commands/resume') as typeof import('./commands/resume')).registerResume,
  answer: () => (require('./commands/answer') as typeof import('./commands/answer')).registerAnswer,
  abort: () => (require('./commands/abort') as typeof import('./commands/abort')).registerAbort,
  rollback: () => (require('./commands/rollback') as typeof import('./commands/rollback')).registerRollback,
  report: () => (require('./commands/report') as typeof import('./commands/report')).registerReport,
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
    terminal.note(`This is a bug in Rubicon; please report it.\n${(error as Error).stack ?? String(error)}`);
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
    .helpCommand('help [word]', 'explains a command')
    .exitOverride()
    .showHelpAfterError('(add --help to a command to read about it)')
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
