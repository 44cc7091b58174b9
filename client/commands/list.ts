import { InvalidArgumentError, Option, type Command } from 'commander';
import { outcomes, type Outcome } from '../../contract/run/outcome';
import { readableInstant } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';
import type { Cli } from '../terminal/word';
import { withTemporal, type WordOptions } from '../terminal/options';
import type { RunRecord } from '../rollouts/run-record';
import { withRollouts } from '../rollouts/with-rollouts';

type ListOptions = WordOptions & {
  open?: boolean;
  plan?: string;
  target?: string;
  phase?: string;
  waiting?: string | true;
  outcome?: Outcome;
  limit: number;
};

export function registerList(program: Command, cli: Cli): void {
  withTemporal(program.command('list'))
    .description('lists rollouts and rollbacks, the newest first')
    .option('--open', 'only those that have not ended')
    .option('--plan <name>', 'only those of this plan')
    .option('--target <name>', 'only those of this target')
    .option('--phase <phase>', 'only those in this phase, e.g. approval')
    .addOption(
      new Option('--waiting [what]', 'only those that wait for people, or for this').choices([...waitingForPeople]),
    )
    .addOption(new Option('--outcome <outcome>', 'only those that have ended so').choices([...outcomes]))
    .option('--limit <count>', 'at most this many', positive, 20)
    .action((options: ListOptions) => list(cli, options));
}

/** What only people end. */
const waitingForPeople = ['approval', 'answer', 'resume', 'worker'];

/** The list of Temporal lags behind by about a second. */
async function list(cli: Cli, options: ListOptions): Promise<void> {
  const found = await withRollouts(cli, options, ({ rollouts }) => rollouts.list(queryOf(options), options.limit));
  if (options.output === 'json') return cli.terminal.out(JSON.stringify(found, null, 2));
  if (found.length === 0) return cli.terminal.note('None found.');
  cli.terminal.out(columns([['ID', 'STATE', 'WAITS FOR', 'STARTED'], ...found.map(row)]));
}

/** In the words of Temporal's list filter. */
function queryOf({ open, plan, target, phase, waiting, outcome }: ListOptions): string {
  const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
  const where = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${name} = ${quoted(value)}`];
  return [
    'WorkflowType IN ("rollout", "rollback")',
    ...(open === true || waiting !== undefined ? ['ExecutionStatus IN ("Running", "Paused")'] : []),
    ...where('RolloutPlan', plan),
    ...where('RolloutTarget', target),
    ...where('RolloutPhase', phase),
    ...(waiting === true
      ? [`RolloutWaitingFor IN (${waitingForPeople.map(quoted).join(', ')})`]
      : where('RolloutWaitingFor', waiting)),
    ...where('RolloutOutcome', outcome),
  ].join(' AND ');
}

const row = ({ workflowId, open, phase, status, waitingFor, outcome, startedAt }: RunRecord): string[] => [
  oneLine(workflowId, 200),
  open ? (phase ?? status) : (outcome ?? status),
  open ? (waitingFor ?? '') : '',
  readableInstant(startedAt),
];

function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => [...(cells[column] ?? '')].length))) ?? [];
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

function positive(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 1_000) return count;
  throw new InvalidArgumentError('Expected a whole number from 1 to 1,000.');
}
