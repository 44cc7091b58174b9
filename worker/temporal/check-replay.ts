import { WorkflowNotFoundError, type Client, type HistoryAndWorkflowId } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { safeMessage } from '../../adapters/programs/secret-text';
import { taskQueues } from '../../contract/run/names';

/** What replaying the open runs showed. */
export interface ReplayFacts {
  /** Runs that were replayed. */
  checked: number;
  /** Those that today's code can't continue. */
  failed: { workflowId: string; because: string }[];
  /** Open runs beyond the bounds, not looked at. */
  left: boolean;
}

/** How much is replayed at most. */
export interface ReplayBounds {
  /** Default 200. */
  maxRuns: number;
  /** Default 60,000; after it no further run is begun. */
  maxMs: number;
}

const bounds: ReplayBounds = { maxRuns: 200, maxMs: 60_000 };

/**
 * Replays the histories of all open runs against the code of this worker, before it takes a task. Guards against a
 * deployment that can't continue rollouts under way: their tasks would fail until someone noticed.
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

/** For a person who has to decide what to do with a worker that can't continue. */
export const replayMessage = ({ failed }: ReplayFacts): string =>
  [
    `expected this worker's code to continue every open run, found ${failed.length} that it cannot replay:`,
    ...failed.slice(0, 10).map(({ workflowId, because }) => `  - ${workflowId}: ${because}`),
    'run the version of Rubicon that started these runs until they have ended, or end them',
    '(to start anyway: "worker: { replay: warn }" in the settings; these runs then make no progress)',
  ].join('\n');
