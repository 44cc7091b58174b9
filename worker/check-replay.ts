import { WorkflowNotFoundError, type Client, type HistoryAndWorkflowId } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { safeMessage } from '../adapters/programs/secret-text';
import { taskQueues } from '../contract/run/names';

/** What replaying the open runs showed. */
export interface ReplayFacts {
  /** Runs that were replayed. */
  checked: number;
  /** Those that today's code can't go on with. */
  failed: { workflowId: string; because: string }[];
  /** Open runs beyond the bounds, not looked at. */
  left: boolean;
}

export interface ReplayBounds {
  maxRuns: number;
  maxMs: number;
}

const bounds: ReplayBounds = { maxRuns: 200, maxMs: 60_000 };

/**
 * Replays the histories of all open runs against the code of this worker, before it takes a task. Guards against a
 * deployment that can't go on with rollouts under way: their tasks would fail until somebody noticed.
 */
export async function checkReplay(
  client: Client,
  workflowBundle: WorkflowBundleOption,
  { maxRuns, maxMs }: ReplayBounds = bounds,
): Promise<ReplayFacts> {
  const facts: ReplayFacts = { checked: 0, failed: [], left: false };
  const untilAt = Date.now() + maxMs;
  const query = `TaskQueue = "${taskQueues.control}" AND ExecutionStatus = "Running"`;

  async function* openRuns(): AsyncIterable<HistoryAndWorkflowId> {
    let runs = 0;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      facts.left = runs === maxRuns || Date.now() > untilAt;
      if (facts.left) return;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory().catch(ifGone);
      if (history === undefined) continue;
      runs += 1;
      yield { workflowId, history };
    }
  }

  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, openRuns())) {
    facts.checked += 1;
    if (error !== undefined) facts.failed.push({ workflowId, because: safeMessage(error) });
  }
  return facts;
}

/** Ended and forgotten since it was listed. */
function ifGone(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** For a person who has to decide what to do with a worker that can't go on. */
export const replayMessage = ({ failed }: ReplayFacts): string =>
  [
    `expected the code of this worker to go on with every open run, found ${failed.length} that it can't replay:`,
    ...failed.slice(0, 10).map(({ workflowId, because }) => `  - ${workflowId}: ${because}`),
    'start the version of Rubicon that these runs were started with until they have ended; or end them',
    '(to start all the same: "worker: { replay: warn }" in the settings; these runs then stand still)',
  ].join('\n');
