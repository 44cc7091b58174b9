import type { Command } from 'commander';
import type { Cli } from './word';
import { usageError } from './cli-error';
import { withOutput, type WordOptions } from './options';
import { checkPlan } from './plan-check';
import { showPlan } from './plan-show';

export function registerPlan(program: Command, cli: Cli): void {
  const plan = program.command('plan').description('works on plans; needs neither Temporal nor a worker');
  withOutput(plan.command('check'))
    .description('lists every fault of a plan, with its place')
    .argument('<plan>', 'its folder, its plan.yaml, or its name below plans/')
    .action((given: string, { output }: WordOptions) => checkPlan(cli, given, output));
  withOutput(plan.command('show'))
    .description('prints what follows from a plan: digest, statements, waits, approvals')
    .argument('<plan>', 'its folder, its plan.yaml, or its name below plans/')
    .action((given: string, { output }: WordOptions) => showPlan(cli, given, output));
  plan
    .command('new')
    .description('not there yet: copy the folder of a plan and edit it')
    .argument('[name]')
    .action(() => {
      throw usageError(
        '"plan new" is not there yet. Copy plans/drop-plaintext-api-keys, edit it, then: rubicon plan check',
      );
    });
}
