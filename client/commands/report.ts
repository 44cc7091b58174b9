import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { jsonReport, verifyJsonReport } from '../../report/json';
import { markdownReport } from '../../report/markdown';
import type { Cli } from '../terminal/word';
import { CliError, usageError } from '../terminal/cli-error';
import { exitCodes } from '../terminal/exit-codes';
import { exitCodeOfLook, lookAt } from '../rollouts/look';
import { withTemporal, type WordOptions } from '../terminal/options';
import { withRollouts } from '../rollouts/with-rollouts';

type ReportOptions = WordOptions & { verify?: string };

export function registerReport(program: Command, cli: Cli): void {
  withTemporal(program.command('report'))
    .description('prints the report of a rollout, ended or not; or verifies the JSON file of one')
    .argument('[rollout]', 'its workflow id')
    .option('--verify <file>', 'checks that this JSON report is unchanged')
    .action((workflowId: string | undefined, options: ReportOptions) =>
      options.verify === undefined ? report(cli, workflowId, options) : verify(cli, options.verify, options),
    );
}

async function report(cli: Cli, workflowId: string | undefined, options: ReportOptions): Promise<void> {
  if (workflowId === undefined) throw usageError('Expected the workflow id of a rollout, or --verify FILE.');
  const look = await withRollouts(cli, options, ({ rollouts }) => lookAt(rollouts, workflowId));
  if ('silent' in look) {
    const file = look.record.result?.report;
    const written = file === undefined ? '' : ` It was written to ${file} by the control worker.`;
    throw new CliError(
      exitCodes.failed,
      `Expected a worker to answer, found: ${look.silent}.${written}\n` +
        'Start one (rubicon worker), or read what Temporal knows: rubicon status',
    );
  }
  cli.terminal.out(options.output === 'json' ? jsonReport(look.facts) : markdownReport(look.facts));
  cli.exitCode = exitCodeOfLook(look);
}

async function verify(cli: Cli, file: string, { output }: ReportOptions): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`Expected a JSON report at ${file}, found: ${error.code}`);
  });
  const verdict = verifyJsonReport(text);
  if (output === 'json') cli.terminal.out(JSON.stringify(verdict, null, 2));
  else cli.terminal.out(verdict.ok ? `unchanged since it was written: digest ${verdict.digest}` : verdict.because);
  cli.exitCode = verdict.ok ? exitCodes.done : exitCodes.failed;
}
