import type { Command } from 'commander';
import type { Cli } from '../terminal/word';
import { usageError } from '../terminal/cli-error';
import { readCode, withCodeFile } from '../rollouts/code';
import { withTemporal, type WordOptions } from '../terminal/options';
import { send } from '../rollouts/send';

const codeIsNoArgument =
  'Expected nothing after the workflow id; a code is never an argument, since everyone on the machine can see those.\n' +
  'Leave it out to be asked for it, or give --code-file FILE.';

type ApproveOptions = WordOptions & { codeFile?: string; comment?: string; acceptLoss?: boolean };

export function registerApprove(program: Command, cli: Cli): void {
  withCodeFile(withTemporal(program.command('approve')))
    .description('votes for the open request, with the code from your direct message')
    .argument('<rollout>', 'its workflow id')
    .allowExcessArguments()
    .option('--comment <text>', 'for the report')
    .option('--accept-loss', 'for a rollback that loses data: you accept what is lost')
    .action((workflowId: string, options: ApproveOptions, { args }: Command) => {
      if (args.length > 1) throw usageError(codeIsNoArgument);
      return approve(cli, workflowId, options);
    });
}

async function approve(cli: Cli, workflowId: string, options: ApproveOptions): Promise<void> {
  const { comment, acceptLoss } = options;
  const code = await readCode(cli, options.codeFile);
  const input = { code, ...(comment !== undefined && { comment }), ...(acceptLoss !== undefined && { acceptLoss }) };
  await send(cli, options, { workflowId, kind: 'approve', input });
}
