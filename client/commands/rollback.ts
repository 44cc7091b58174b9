import type { Command } from 'commander';
import { parseRollbackOrder } from '../../contract/run/inputs';
import { suggestedWorkflowId } from '../../contract/run/names';
import type { Cli } from '../terminal/word';
import { launch } from '../rollouts/launch';
import { withTemporal, type WordOptions } from '../terminal/options';
import { parsed } from '../rollouts/parsed';
import { readReason } from '../rollouts/reason';
import { waitMsOf, withWait, type Wait } from '../rollouts/wait-option';

interface RollbackOptions extends WordOptions {
  requestedBy?: string;
  target?: string;
  plan?: string;
  reason?: string;
  wait?: Wait;
}

export function registerRollback(program: Command, cli: Cli): void {
  withWait(withTemporal(program.command('rollback')))
    .description('rolls back: states what would be lost, asks for approval, then restores what was removed')
    .argument('[rollout]', 'workflow id of the rollout to roll back; or --target and --plan')
    .option('--requested-by <person>', 'who requests it, and so may not vote; required')
    .option('--target <name>', 'if Temporal no longer knows the rollout')
    .option('--plan <name>', 'if Temporal no longer knows the rollout')
    .option('--reason <text>', 'reason; at a terminal you are asked for it')
    .action((rollout: string | undefined, options: RollbackOptions) => rollback(cli, rollout, options));
}

async function rollback(cli: Cli, rollout: string | undefined, options: RollbackOptions): Promise<void> {
  const { requestedBy, target, plan } = options;
  const order = Object.entries({ rollout, target, plan, requestedBy }).filter(([, value]) => value !== undefined);
  parsed(() => parseRollbackOrder(Object.fromEntries(order)));
  const reason = await readReason(cli, options.reason);
  const input = parsed(() => parseRollbackOrder({ ...Object.fromEntries(order), reason }));
  await launch(cli, options, {
    type: 'rollback',
    // The same that a rollout gives the rollback which it starts itself.
    workflowId: `${rollout ?? suggestedWorkflowId(target ?? '', plan ?? '', new Date())}/rollback`,
    exact: false,
    input,
    summary: `rollback, requested by ${input.requestedBy}`,
    waitMs: waitMsOf(options.wait),
  });
}
