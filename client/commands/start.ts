import { Option, type Command } from 'commander';
import { parseRolloutOrder } from '../../contract/run/inputs';
import { suggestedWorkflowId } from '../../contract/run/names';
import type { Cli } from '../terminal/word';
import { launch } from '../rollouts/launch';
import { withTemporal, type WordOptions } from '../terminal/options';
import { parsed } from '../rollouts/parsed';
import { waitMsOf, withWait, type Wait } from '../rollouts/wait-option';

interface StartOptions extends WordOptions {
  plan?: string;
  requestedBy?: string;
  target?: string;
  until?: string;
  reason?: string;
  notBefore?: string;
  author?: string;
  override?: string;
  id?: string;
  wait?: Wait;
}

export function registerStart(program: Command, cli: Cli): void {
  withWait(withTemporal(program.command('start')))
    .description('starts a rollout and prints its workflow id')
    // Needed, both: the order's parser tells all that is wrong at once, with an example.
    .option('--plan <name>', 'which plan; required')
    .option('--requested-by <person>', 'who requests it, and so may not vote; required')
    .option('--target <name>', 'required if the settings name several')
    .addOption(
      new Option('--until <step>', 'ends there: a read-only report, or before production').choices([
        'preflight',
        'staging',
      ]),
    )
    .option('--reason <text>', 'for approvers and the report')
    .option('--not-before <instant>', 'earliest change of production, e.g. 2026-11-24T22:00:00Z')
    .option('--author <person>', 'who wrote the plan, where it does not say so; may not vote either')
    .option('--override <reason>', 'why windows and freezes of the policy do not hold; takes one more approval')
    .option('--id <workflow id>', 'instead of target/plan/YYYY-MM')
    .action((options: StartOptions) => start(cli, options));
}

async function start(cli: Cli, options: StartOptions): Promise<void> {
  const { plan, requestedBy, target, until, reason, notBefore, author, override, id } = options;
  const given = Object.entries({ plan, requestedBy, target, until, reason, notBefore, author, override });
  const input = parsed(() => parseRolloutOrder(Object.fromEntries(given.filter(([, value]) => value !== undefined))));
  // Only the worker knows the one target of its settings.
  const suggested = suggestedWorkflowId(target ?? '', input.plan, new Date()).replace(/^\//, '');
  await launch(cli, options, {
    type: 'rollout',
    workflowId: id ?? suggested,
    exact: id !== undefined,
    input,
    summary: `${input.plan}, requested by ${input.requestedBy}`,
    waitMs: waitMsOf(options.wait),
  });
}
