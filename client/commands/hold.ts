import type { Command } from 'commander';
import type { Cli } from '../terminal/word';
import { withTemporal, type WordOptions } from '../terminal/options';
import { readReason } from '../rollouts/reason';
import { send } from '../rollouts/send';

type HoldOptions = WordOptions & { reason?: string };

export function registerHold(program: Command, cli: Cli): void {
  withTemporal(program.command('hold'))
    .description('stops a rollout at its next safe point, outside maintenance; soak time stops counting')
    .argument('<rollout>', 'its workflow id')
    .option('--reason <text>', 'reason; at a terminal you are asked for it')
    .action((workflowId: string, options: HoldOptions) => hold(cli, workflowId, options));
}

async function hold(cli: Cli, workflowId: string, options: HoldOptions): Promise<void> {
  await send(cli, options, { workflowId, kind: 'hold', input: { reason: await readReason(cli, options.reason) } });
}
