import type { Command } from 'commander';
import type { Cli } from '../terminal/word';
import { readCode, withCodeFile } from '../rollouts/code';
import { withTemporal, type WordOptions } from '../terminal/options';
import { readReason } from '../rollouts/reason';
import { send } from '../rollouts/send';

type RejectOptions = WordOptions & { reason?: string; codeFile?: string };

export function registerReject(program: Command, cli: Cli): void {
  withCodeFile(withTemporal(program.command('reject')))
    .description(
      'closes the open request: the rollout ends, nothing is dropped. Without a code it is recorded as claimed',
    )
    .argument('<rollout>', 'its workflow id')
    .option('--reason <text>', 'reason; at a terminal you are asked for it')
    .action((workflowId: string, options: RejectOptions) => reject(cli, workflowId, options));
}

/** The safe direction: nobody is asked for a code who does not offer one. */
async function reject(cli: Cli, workflowId: string, options: RejectOptions): Promise<void> {
  const code = options.codeFile === undefined ? {} : { code: await readCode(cli, options.codeFile) };
  const reason = await readReason(cli, options.reason);
  await send(cli, options, { workflowId, kind: 'reject', input: { reason, ...code } });
}
