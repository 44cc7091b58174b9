import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { registerAbort } from './abort';
import { registerAnswer } from './answer';
import { registerApprove } from './approve';
import { CliError } from './cli-error';
import { exitCodes } from './exit-codes';
import { handOn, handedOn } from './handed-on';
import { registerHold } from './hold';
import { registerList } from './list';
import { registerPlan } from './plan';
import { registerReject } from './reject';
import { registerReport } from './report';
import { registerResume } from './resume';
import { registerRollback } from './rollback';
import { registerStart } from './start';
import { registerStatus } from './status';
import type { Terminal } from './terminal';
import { registerWhy } from './why';
import type { Cli } from './word';

const words = [
  registerPlan,
  registerStart,
  registerList,
  registerStatus,
  registerWhy,
  registerApprove,
  registerReject,
  registerHold,
  registerResume,
  registerAnswer,
  registerAbort,
  registerRollback,
  registerReport,
];

const exitHelp = `
Exit codes: 0 done; 1 failed; 2 usage or configuration; 3 refused, rejected, expired, stopped, aborted or rolled back;
4 not allowed; 5 still waiting; 130 interrupted (the rollout goes on). status, why and report end as the rollout stands.
Temporal is found as the temporal CLI finds it: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, … or its configuration file.`;

/** Runs one command line; never exits by itself, never throws. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const [word = '', ...rest] = args;
  const cli: Cli = { terminal, exitCode: exitCodes.done };
  try {
    if (word in handedOn) return await handOn(word as keyof typeof handedOn, rest);
    await program(cli).parseAsync(args, { from: 'user' });
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

function program(cli: Cli): Command {
  const root = new Command('rubicon')
    .description(
      'Takes columns, tables and rows out of production, with a way back until the last second, and after it.',
    )
    .version(ownVersion(), '--version', 'prints the version')
    .exitOverride()
    .showHelpAfterError('(--help after the word explains it)')
    .configureOutput({ writeOut: (text) => cli.terminal.out(text), writeErr: (text) => cli.terminal.note(text) })
    .addHelpText('after', exitHelp);
  for (const [word, description] of Object.entries(handedOn)) root.command(word).description(description);
  for (const register of words) register(root, cli);
  return root;
}

function ownVersion(): string {
  const text = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
