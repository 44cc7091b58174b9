import { Argument, type Command } from 'commander';
import type { Cli } from '../terminal/word';
import { readCode, withCodeFile } from '../rollouts/code';
import { readReason } from '../rollouts/reason';
import { withTemporal, type WordOptions } from '../terminal/options';
import { send } from '../rollouts/send';

type AnswerOptions = WordOptions & { reason?: string; codeFile?: string };
type Answering = AnswerOptions & { choice: string };

export function registerAnswer(program: Command, cli: Cli): void {
  withCodeFile(withTemporal(program.command('answer')))
    .description('answers the question of a step that did not succeed; accept needs the code from your direct message')
    .argument('<rollout>', 'its workflow id')
    .addArgument(new Argument('<choice>', 'what to do').choices(['retry', 'accept', 'abort', 'rollback']))
    .option('--reason <text>', 'for the report; accept needs one, and asks for it at a terminal')
    .action((workflowId: string, choice: string, options: AnswerOptions) =>
      answer(cli, workflowId, { ...options, choice }),
    );
}

async function answer(cli: Cli, workflowId: string, { choice, ...options }: Answering): Promise<void> {
  const { codeFile } = options;
  const reason = choice === 'accept' ? await readReason(cli, options.reason) : options.reason;
  const code = choice === 'accept' || codeFile !== undefined ? { code: await readCode(cli, codeFile) } : {};
  const input = { choice, ...(reason !== undefined && { reason }), ...code };
  await send(cli, options, { workflowId, kind: 'answer', input });
}
