import type { Command } from 'commander';
import type { Cli } from '../terminal/word';
import { exitCodeOfLook, findRun } from '../rollouts/look';
import { withTemporal, type WordOptions } from '../terminal/options';
import { withRollouts } from '../rollouts/with-rollouts';

export function registerWhy(program: Command, cli: Cli): void {
  withTemporal(program.command('why'))
    .description('says in one sentence what a rollout waits for, who can end it, until when, and what happens then')
    .argument('<rollout>', 'its workflow id')
    .action((workflowId: string, options: WordOptions) => why(cli, workflowId, options));
}

async function why(cli: Cli, workflowId: string, options: WordOptions): Promise<void> {
  const { record, answered } = await withRollouts(cli, options, async ({ rollouts }) => ({
    record: await findRun(rollouts, workflowId),
    answered: await rollouts.ask<string>(workflowId, 'why'),
  }));
  const fromRecord = record.result?.because ?? record.failure ?? record.why ?? `It is ${record.status}.`;
  const [source, sentence] = 'answer' in answered ? ['worker', answered.answer] : ['temporal', fromRecord];
  if (options.output === 'json') cli.terminal.out(JSON.stringify({ source, why: sentence }, null, 2));
  else cli.terminal.out(sentence);
  if ('silent' in answered) cli.terminal.note(`(From Temporal's own record, which may be old: ${answered.silent}.)`);
  cli.exitCode = exitCodeOfLook({ record });
}
