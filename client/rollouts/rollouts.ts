import { randomUUID } from 'node:crypto';
import {
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WorkflowUpdateStage,
  type WorkflowHandle,
} from '@temporalio/client';
import type { Answer, MessageKind } from '../../contract/run/messages';
import { taskQueues } from '../../contract/run/names';
import type { RolloutResult } from '../../contract/run/outcome';
import { connect, type Connected, type TemporalOptions } from '../terminal/connection';
import { recordOf, type RunRecord } from './run-record';
import { grpc, grpcCodeOf, temporalFault } from '../terminal/temporal-fault';

/** What a worker answered, or why none did. */
export type Answered<T> = { answer: T } | { silent: string };

/** Rollouts and rollbacks as a client sees them. Negative answers are values; faults of Temporal are CliErrors. */
export interface Rollouts {
  /** Starts a workflow under a new id; `taken` if there is or was one of this id. */
  start(request: {
    type: 'rollout' | 'rollback';
    workflowId: string;
    input: object;
    summary: string;
  }): Promise<{ runId: string } | 'taken'>;
  /** The newest run of an id. */
  find(workflowId: string): Promise<RunRecord | undefined>;
  /** Newest first. The list lags behind by about a second. */
  list(query: string, limit: number): Promise<RunRecord[]>;
  /** `status` or `why`; waits a few seconds for a worker. */
  ask<T>(workflowId: string, query: 'status' | 'why'): Promise<Answered<T>>;
  /** The update `decide`. `silent`: nobody took it in time, and it is unknown whether somebody still will. */
  decide(workflowId: string, input: object): Promise<Answered<Answer>>;
  /** Leaves a message that is read when a worker is there. */
  signal(workflowId: string, kind: MessageKind, input: object): Promise<void>;
}

const answerLimitMs = 5_000;

/** Connects, calls back, disconnects. Everything within ends when `interrupt` aborts. */
export async function withConnectedRollouts<T>(
  options: TemporalOptions & { identity: string },
  interrupt: AbortSignal,
  callback: (rollouts: Rollouts) => Promise<T>,
): Promise<T> {
  const connected = await connect(options, options.identity);
  try {
    return await connected.connection.withAbortSignal(interrupt, () => callback(rolloutsOf(connected)));
  } catch (error) {
    throw temporalFault(error, connected.place);
  } finally {
    await connected.connection.close();
  }
}

function rolloutsOf({ client: { workflow }, connection }: Connected): Rollouts {
  const soon = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + answerLimitMs, call);
  return {
    async start({ type, workflowId, input, summary }) {
      try {
        const handle = await workflow.start(type, {
          workflowId,
          taskQueue: taskQueues.control,
          args: [input],
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary: summary,
        });
        return { runId: handle.firstExecutionRunId };
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return 'taken';
        throw error;
      }
    },
    async find(workflowId) {
      const handle = workflow.getHandle(workflowId);
      const found = await handle.describe().catch((error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      });
      if (found === undefined) return undefined;
      const record = recordOf(found);
      return record.open ? record : { ...record, ...(await endOf(workflow.getHandle(workflowId, record.runId))) };
    },
    async list(query, limit) {
      const found: RunRecord[] = [];
      for await (const info of workflow.list({ query, pageSize: limit })) {
        found.push(recordOf(info));
        if (found.length >= limit) break;
      }
      return found.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
    },
    ask: async <T>(workflowId: string, query: string) => {
      try {
        return { answer: await soon(() => workflow.getHandle(workflowId).query<T>(query)) };
      } catch (error) {
        return { silent: whySilent(error) };
      }
    },
    async decide(workflowId, input) {
      try {
        const handle = workflow.getHandle(workflowId);
        const options = {
          args: [input] as [object],
          updateId: randomUUID(),
          waitForStage: WorkflowUpdateStage.ACCEPTED,
        };
        const update = await soon(() => handle.startUpdate<Answer, [object]>('decide', options));
        // Taken: an abort is answered only when everything was put back, however long that takes.
        return { answer: await update.result() };
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) return { silent: 'the run ended before it answered' };
        if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)) throw error;
        return { silent: `no worker took it within ${answerLimitMs / 1_000} s` };
      }
    },
    signal: (workflowId, kind, input) => workflow.getHandle(workflowId).signal(kind, input),
  };
}

/** What an ended run returned is in its history: no worker is needed. */
async function endOf(handle: WorkflowHandle): Promise<Pick<RunRecord, 'result' | 'failure'>> {
  try {
    return { result: (await handle.result()) as RolloutResult };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { failure: error.cause?.message ?? error.message };
  }
}

/** @throws what is no silence of workers: a wrong workflow, no right to ask, no server */
function whySilent(error: unknown): string {
  if (error instanceof QueryNotRegisteredError) return 'its worker does not know this query';
  const code = grpcCodeOf(error);
  if (code === grpc.failedPrecondition) return "no worker lives, or it can't go on with this run";
  // The server, which knows our deadline too, may be the first to give up.
  if (code === grpc.deadlineExceeded || code === grpc.cancelled)
    return `no worker answered within ${answerLimitMs / 1_000} s`;
  throw error;
}
