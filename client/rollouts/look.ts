import type { Facts } from '../../contract/run/facts';
import { outcomes, type Outcome } from '../../contract/run/outcome';
import { withoutCodes } from '../../report/without-codes';
import { usageError } from '../terminal/cli-error';
import { exitCodes, exitCodeOf, type ExitCode } from '../terminal/exit-codes';
import type { Rollouts } from './rollouts';
import type { RunRecord } from './run-record';

/** A run as it can be seen now: by its worker, or else by Temporal's own record alone. */
export type Look = { record: RunRecord; facts: Facts } | { record: RunRecord; silent: string };

const types = ['rollout', 'rollback'];

/** @throws CliError if there is no such rollout or rollback */
export async function findRun(rollouts: Rollouts, workflowId: string): Promise<RunRecord> {
  const record = await rollouts.find(workflowId);
  if (record === undefined) {
    throw usageError(
      `Expected the workflow id of a rollout, found none with the id ${JSON.stringify(workflowId)}.\n` +
        'List them: npx rubicon list',
    );
  }
  if (types.includes(record.type)) return record;
  throw usageError(
    `Expected a rollout or rollback, found a workflow of type ${record.type}. List them: npx rubicon list`,
  );
}

/** @throws CliError if there is no such rollout or rollback */
export async function lookAt(rollouts: Rollouts, workflowId: string): Promise<Look> {
  const record = await findRun(rollouts, workflowId);
  const answered = await rollouts.ask<Facts>(workflowId, 'status');
  if ('answer' in answered) return { record, facts: withoutCodes(answered.answer) };
  // It may have ended meanwhile: an order that is refused leaves nothing that could answer.
  return { record: record.open ? await findRun(rollouts, workflowId) : record, ...answered };
}

/** How the run stands, for scripts. A run that Temporal ended (failed, terminated …) has failed, whatever it knew. */
export function exitCodeOfLook({ record }: Pick<Look, 'record'>): ExitCode {
  if (record.open) return exitCodes.waiting;
  if (record.status === 'completed') return exitCodeOf(outcomeOf(record) ?? 'stopped');
  return record.status === 'canceled' ? exitCodes.refused : exitCodes.failed;
}

/** What another version of us returned may be anything. */
export const outcomeOf = ({ result }: RunRecord): Outcome | undefined =>
  outcomes.find((outcome) => outcome === result?.outcome);
