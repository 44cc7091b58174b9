import { Option, type Command } from 'commander';
import type { Cli } from '../terminal/word';
import { withOutput, type WordOptions } from '../terminal/options';
import { checkPlan } from './plan-check';
import { newPlan } from '../terminal/handed-on';
import { showPlan, type ShowOptions } from './plan-show';

export function registerPlan(program: Command, cli: Cli): void {
  const plan = program.command('plan').description('works on plans; needs neither Temporal nor a worker');
  withOutput(plan.command('check'))
    .description('lists every fault of a plan and where it is')
    .argument('<plan>', 'its folder, its plan.yaml, or its name below plans/')
    .action((given: string, { output }: WordOptions) => checkPlan(cli, given, output));
  withOutput(plan.command('show'))
    .description('prints what a plan does: digest, statements, waits, approvals')
    .argument('<plan>', 'its folder, its plan.yaml, or its name below plans/')
    .addOption(
      new Option('--as <form>', 'as a written procedure (Markdown), for doing it by hand').choices(['runbook']),
    )
    .action((given: string, options: ShowOptions) => showPlan(cli, given, options));
  plan
    .command('new')
    .description('writes a plan of any kind from what staging says: plan new NAME --drop table.column')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[arguments...]')
    .action(async (_: string[], __: object, { args }: Command) => {
      cli.exitCode = (await newPlan(args, cli.terminal)) as Cli['exitCode'];
    });
}
