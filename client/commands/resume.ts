import type { Command } from 'commander';
import type { Cli } from '../terminal/word';
import { withTemporal, type WordOptions } from '../terminal/options';
import { send } from '../rollouts/send';

type ResumeOptions = WordOptions & { reason?: string };

export function registerResume(program: Command, cli: Cli): void {
  withTemporal(program.command('resume'))
    .description('continues a rollout that is on hold')
    .argument('<rollout>', 'its workflow id')
    .option('--reason <text>', 'why')
    .action((workflowId: string, { reason, ...options }: ResumeOptions) =>
      send(cli, options, { workflowId, kind: 'resume', input: reason === undefined ? {} : { reason } }),
    );
}
