import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** Who started a run, with what. Both are what the sender wrote; only `principal` was checked by the server. */
export interface StartEvent {
  /** Text of the sender; empty = none. */
  identity: string;
  /**
   * Name of the caller as the server has verified it; absent = the server tells none (`principal` in
   * `temporal/api/history/v1/message.proto`).
   */
  principal?: string;
  /** Run id of the first of the chain: the same after a reset. */
  firstRun: string;
  /** Name of the workflow. */
  type: string;
  taskQueue: string;
  /** Arguments that are JSON; `undefined` for those that aren't. */
  input: unknown[];
}

/** @throws Error if the server has no such run, or answers without its start */
export async function startEvent(
  client: Client,
  execution: { workflowId: string; runId: string },
): Promise<StartEvent> {
  const { namespace } = client.options;
  const request = { namespace, execution, maximumPageSize: 1 };
  const { history } = await client.workflowService.getWorkflowExecutionHistory(request);
  const [event] = history?.events ?? [];
  const started = event?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error(`expected the start event of ${execution.workflowId}, found none; try again`);
  const principal = event.principal?.name;
  return {
    identity: started.identity ?? '',
    ...(principal ? { principal } : {}),
    firstRun: started.firstExecutionRunId || execution.runId,
    type: started.workflowType?.name ?? '',
    taskQueue: started.taskQueue?.name ?? '',
    input: (started.input?.payloads ?? []).map(readable),
  };
}

function readable(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0]): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return undefined;
  }
}
