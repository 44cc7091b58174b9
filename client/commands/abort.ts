import type { Command } from 'commander';
import type { Cli } from '../terminal/word';
import { withTemporal, type WordOptions } from '../terminal/options';
import { readReason } from '../rollouts/reason';
import { send } from '../rollouts/send';

type AbortOptions = WordOptions & { reason?: string };

export function registerAbort(program: Command, cli: Cli): void {
  withTemporal(program.command('abort'))
    .description('before the point of no return: undoes everything and ends the rollout')
    .argument('<rollout>', 'its workflow id')
    .option('--reason <text>', 'reason; at a terminal you are asked for it')
    .action((workflowId: string, options: AbortOptions) => abort(cli, workflowId, options));
}

async function abort(cli: Cli, workflowId: string, options: AbortOptions): Promise<void> {
  await send(cli, options, { workflowId, kind: 'abort', input: { reason: await readReason(cli, options.reason) } });
}
