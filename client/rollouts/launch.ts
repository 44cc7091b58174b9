import { setTimeout as sleep } from 'node:timers/promises';
import { shellWord } from '../../report/shell-word';
import type { Cli } from '../terminal/word';
import { CliError } from '../terminal/cli-error';
import { exitCodes } from '../terminal/exit-codes';
import { exitCodeOfLook, lookAt, outcomeOf, type Look } from './look';
import type { WordOptions } from '../terminal/options';
import type { Rollouts } from './rollouts';
import { eventsOf, watchRun } from './watch';
import { withRollouts, type Session } from './with-rollouts';

/** A rollout or rollback to start. */
export interface Launch {
  type: 'rollout' | 'rollback';
  /** Taken as it is if `exact`; otherwise `-2`, `-3` … is added where it is taken. */
  workflowId: string;
  exact: boolean;
  input: { requestedBy: string };
  /** Shown by Temporal UI; cut to 190 bytes. */
  summary: string;
  /** Ends when the run has ended, or after this time; undefined = does not wait. */
  waitMs?: number | undefined;
}

/** How long a refusal of the order and the link are waited for. */
const firstLookMs = 5_000;

/** Starts a run, says where it can be seen, and waits for its end if that is wanted. The id is all that is printed. */
export async function launch(cli: Cli, options: WordOptions, launching: Launch): Promise<void> {
  const { terminal } = cli;
  const json = options.output === 'json';
  const { requestedBy } = launching.input;
  const last = await withRollouts(cli, { ...options, requestedBy }, async (session) => {
    const workflowId = await startUnderFreeId(session.rollouts, launching);
    if (!json) terminal.out(workflowId);
    const first = await firstLook(session, workflowId);
    sayWhere(cli, first);
    if (!first.record.open || launching.waitMs === undefined) return first;
    const show = (look: Look, before: Look | undefined): void => eventsOf(look, before).forEach(terminal.note);
    return watchRun(session, workflowId, { show, limitMs: launching.waitMs });
  });
  if (json) terminal.out(JSON.stringify(asJson(last), null, 2));
  cli.exitCode = exitCodeAfter(last, launching);
  const { failure, result } = last.record;
  if (failure !== undefined) terminal.note(failure);
  if (result !== undefined && !json) terminal.out(`${String(result.outcome)}: ${String(result.because)}`);
}

async function startUnderFreeId(
  rollouts: Rollouts,
  { type, workflowId, exact, input, summary }: Launch,
): Promise<string> {
  for (let number = 1; number < 100; number += 1) {
    const id = number === 1 ? workflowId : `${workflowId}-${number}`;
    const started = await rollouts.start({ type, workflowId: id, input, summary: summary.slice(0, 60) });
    if (started !== 'taken') return id;
    if (exact) break;
    if (type === 'rollback' && (await rollouts.find(id))?.open === true) {
      throw new CliError(
        exitCodes.refused,
        `Refused: the rollback ${id} is already running. See: rubicon status ${shellWord(id)}`,
      );
    }
  }
  throw new CliError(
    exitCodes.usage,
    `Expected an unused workflow id, found one that is taken: ${workflowId}\nChoose another: --id ID`,
  );
}

/** A look at the run as soon as its plan is loaded or its order refused; at the latest after a few seconds. */
async function firstLook({ rollouts, interrupt }: Session, workflowId: string): Promise<Look> {
  const end = Date.now() + firstLookMs;
  for (;;) {
    const look = await lookAt(rollouts, workflowId);
    const loaded = 'facts' in look && look.facts.plan !== undefined;
    if (loaded || 'silent' in look || !look.record.open || Date.now() >= end) return look;
    await sleep(200, undefined, { signal: interrupt });
  }
}

function sayWhere({ terminal }: Cli, look: Look): void {
  const { workflowId, open } = look.record;
  if (!open) return;
  if ('silent' in look) terminal.note(`Started, but ${look.silent}: it continues when a worker runs (rubicon worker).`);
  else if (look.facts.link !== undefined) terminal.note(`Temporal UI: ${look.facts.link}`);
  terminal.note(`Follow it: rubicon status -w ${shellWord(workflowId)}`);
}

function asJson(look: Look): object {
  const { record } = look;
  const link = 'facts' in look ? look.facts.link : undefined;
  return { ...record, ...(link === undefined ? {} : { link }) };
}

/** Started is done, unless the end is there already. An order that can't be used is a fault of usage. */
function exitCodeAfter({ record }: Look, { waitMs }: Launch): Cli['exitCode'] {
  if (record.open && waitMs === undefined) return exitCodes.done;
  const refusedOrder = record.status === 'failed' && outcomeOf(record) === undefined;
  return refusedOrder ? exitCodes.usage : exitCodeOfLook({ record });
}
