import type { Command } from 'commander';
import { createColors, isColorSupported } from 'picocolors';
import { statusText } from '../../report/status-text';
import { withTemporal, type WordOptions } from '../terminal/options';
import type { Cli } from '../terminal/word';
import { watchPicture } from '../picture/watch-picture';
import { exitCodeOfLook, lookAt, type Look } from '../rollouts/look';
import { recordText } from '../rollouts/record-text';
import { eventsOf, watchRun } from '../rollouts/watch';
import { withRollouts } from '../rollouts/with-rollouts';

type StatusOptions = WordOptions & { watch?: boolean };

export function registerStatus(program: Command, cli: Cli): void {
  withTemporal(program.command('status'))
    .description('shows where a rollout stands; without a worker, from what Temporal recorded')
    .argument('<rollout>', 'its workflow id')
    .option('-w, --watch', 'keeps showing it until it ends')
    .action((workflowId: string, options: StatusOptions) => status(cli, workflowId, options));
}

/** Everything that is known of a run. JSON says by `source` whether a worker or Temporal's record answered. */
async function status(cli: Cli, workflowId: string, options: StatusOptions): Promise<void> {
  const { terminal } = cli;
  const json = options.output === 'json';
  const show = (look: Look, before: Look | undefined): void => {
    if (json) terminal.out(JSON.stringify(asJson(look), null, options.watch === true ? 0 : 2));
    else if (options.watch !== true) terminal.out(asText(look));
    else if (terminal.outIsTerminal) terminal.redraw(drawn(look, terminal.size));
    else for (const event of eventsOf(look, before)) terminal.out(event);
  };
  const last = await withRollouts(cli, options, async (session) => {
    if (options.watch === true) return watchRun(session, workflowId, { show });
    const look = await lookAt(session.rollouts, workflowId);
    show(look, undefined);
    return look;
  });
  // The picture shows where it is; how it ended is text that stays.
  if (options.watch === true && !json && terminal.outIsTerminal) terminal.redraw(asText(last));
  cli.exitCode = exitCodeOfLook(last);
}

const colors = createColors(isColorSupported);

const drawn = (look: Look, size: { columns: number; rows: number }): string =>
  'facts' in look ? watchPicture(look.facts, new Date().toISOString(), { ...size, colors }).join('\n') : asText(look);

const asText = (look: Look): string =>
  'facts' in look ? statusText(look.facts, new Date().toISOString()) : recordText(look.record, look.silent);

const asJson = (look: Look): object =>
  'facts' in look
    ? { source: 'worker', record: look.record, facts: look.facts }
    : { source: 'temporal', record: look.record, because: look.silent };
