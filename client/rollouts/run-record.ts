import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { RolloutResult } from '../../contract/run/outcome';

/** What Temporal itself knows of a run: there also when no worker lives. */
export interface RunRecord {
  workflowId: string;
  runId: string;
  /** Workflow type, such as `rollout`. */
  type: string;
  /** Temporal's word, in lower case: running, completed, failed, terminated … */
  status: string;
  open: boolean;
  startedAt: string;
  /** Absent = it has not ended. */
  endedAt?: string;
  /** Search attribute, like the four below; absent = not set, as before its plan was read. */
  plan?: string;
  target?: string;
  phase?: string;
  waitingFor?: string;
  /** Absent = it has not ended, or as Failed. */
  outcome?: string;
  /** The memo: what it waited for when it began to wait. */
  why?: string;
  /** Of an ended run: what it returned, or why it failed. */
  result?: RolloutResult;
  failure?: string;
}

/** The record of a run, without what only another call can say. */
export function recordOf(info: Omit<WorkflowExecutionInfo, 'raw'>): RunRecord {
  const { workflowId, runId, type, status, startTime, closeTime, memo, typedSearchAttributes } = info;
  const attributes = new Map(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  const text = (name: string): string | undefined => {
    const value = attributes.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const facts = {
    endedAt: closeTime?.toISOString(),
    plan: text('RolloutPlan'),
    target: text('RolloutTarget'),
    phase: text('RolloutPhase'),
    waitingFor: text('RolloutWaitingFor'),
    outcome: text('RolloutOutcome'),
    why: typeof memo?.['why'] === 'string' ? memo['why'] : undefined,
  };
  return {
    workflowId,
    runId,
    type,
    status: status.name.toLowerCase().replaceAll('_', ' '),
    open: status.name === 'RUNNING' || status.name === 'PAUSED',
    startedAt: startTime.toISOString(),
    ...(Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Partial<RunRecord>),
  };
}
