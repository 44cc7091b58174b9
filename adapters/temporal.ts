import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { startEvent, type StartEvent } from './start-event';

/** One execution of a workflow, as the server tells it. */
export interface Execution {
  workflowId: string;
  runId: string;
  /**
   * Run id of the first of the chain: survives a reset and continue-as-new (`first_run_id` in
   * `temporal/api/workflow/v1/message.proto`).
   */
  firstRun: string;
  /** Name of the workflow. */
  type: string;
  /** Running or paused: nothing but an end makes it closed. */
  open: boolean;
  startedAt: Date;
  /** Empty = none. */
  memo: Record<string, unknown>;
  /** Those of type Keyword. */
  searchAttributes: Record<string, string>;
}

/** A workflow to start. */
export interface StartRequest {
  /** Name of the workflow. */
  type: string;
  workflowId: string;
  taskQueue: string;
  /** Its only argument; JSON. */
  input: unknown;
  /** Default: none. */
  memo?: Record<string, unknown>;
  /** Of type Keyword; the namespace must know them. */
  searchAttributes?: Record<string, string>;
  /** Shown by Temporal UI; what is over 190 bytes is cut off. */
  summary?: string;
  /**
   * What to do if a run of this id is open. `refuse`: nothing, and the answer is `open already`; `keep`: nothing, and
   * the answer is `started`; `replace`: terminate it and start.
   */
  ifOpen: 'refuse' | 'keep' | 'replace';
}

/** A signal for a workflow that is started first if it is not open. */
export interface SignalRequest extends Pick<StartRequest, 'type' | 'workflowId' | 'taskQueue' | 'searchAttributes'> {
  summary: string;
  signal: string;
  /** Its only argument; JSON. */
  signalInput: unknown;
}

/** The workflow service, for steps that start, find and end top-level workflows. */
export interface Temporal {
  /** Resolves once the server has it; whether a worker takes it is another matter. */
  start(request: StartRequest): Promise<'started' | 'open already'>;
  /** The newest run of an id, or undefined. */
  describe(workflowId: string): Promise<Execution | undefined>;
  /** False if there is no such open run. */
  signal(run: Pick<Execution, 'workflowId'> & { runId?: string }, name: string, ...input: unknown[]): Promise<boolean>;
  /** Resolves once the server has both; sent twice, the workflow gets it twice. */
  signalWithStart(request: SignalRequest): Promise<void>;
  /** Ends exactly this run. False if it isn't open any more. */
  terminate(run: Pick<Execution, 'workflowId' | 'runId'>, reason: string): Promise<boolean>;
  /** Whether exactly this run has ended within the limit (at most 15 s). */
  hasEnded(run: Pick<Execution, 'workflowId' | 'runId'>, limitMs: number): Promise<boolean>;
  /** The answer of a query; undefined: there is no such run, or none came within the limit (default 5 s), as without a worker. */
  query(run: Pick<Execution, 'workflowId' | 'runId'>, name: string, limitMs?: number): Promise<unknown>;
  /** @throws Error if the server has no such run, or answers without its start */
  startEvent(run: Pick<Execution, 'workflowId' | 'runId'>): Promise<StartEvent>;
  /** Newest first; a list lags behind by about a second. */
  list(query: string, limit: number): Promise<Execution[]>;
}

/** The Temporal server behind a client. Every call may be repeated; failures of the network are thrown as they are. */
export function openTemporal(client: Client): Temporal {
  const { workflow } = client;
  const known = <T>(call: Promise<T>): Promise<T | undefined> =>
    call.catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });

  return {
    start: ({ ifOpen, type, input, searchAttributes = {}, summary, ...request }) =>
      workflow
        .start(type, {
          ...request,
          args: [input],
          typedSearchAttributes: keywords(searchAttributes),
          workflowIdConflictPolicy: conflictPolicies[ifOpen],
          ...(summary === undefined ? {} : { staticSummary: cut(summary) }),
        })
        .then(
          () => 'started' as const,
          (error: unknown) => {
            if (error instanceof WorkflowExecutionAlreadyStartedError) return 'open already' as const;
            throw error;
          },
        ),
    async describe(workflowId) {
      const found = await known(workflow.getHandle(workflowId).describe());
      return found && executionOf({ ...found, firstRun: found.raw.workflowExecutionInfo?.firstRunId });
    },
    async signal({ workflowId, runId }, name, ...input) {
      const sent = workflow.getHandle(workflowId, runId).signal(name, ...input);
      return (await known(sent.then(() => true))) ?? false;
    },
    async signalWithStart({ type, searchAttributes = {}, summary, signalInput, ...request }) {
      await workflow.signalWithStart(type, {
        ...request,
        args: [],
        signalArgs: [signalInput],
        typedSearchAttributes: keywords(searchAttributes),
        staticSummary: cut(summary),
      });
    },
    async terminate({ workflowId, runId }, reason) {
      const ended = workflow.getHandle(workflowId, runId).terminate(reason);
      return (await known(ended.then(() => true))) ?? false;
    },
    async query({ workflowId, runId }, name, limitMs = 5_000) {
      const asked = client.withDeadline(Date.now() + limitMs, () => workflow.getHandle(workflowId, runId).query(name));
      return asked.catch(() => undefined);
    },
    hasEnded: (run, limitMs) => hasEnded(client, run, limitMs),
    startEvent: (run) => startEvent(client, run),
    async list(query, limit) {
      const found: Execution[] = [];
      for await (const execution of workflow.list({ query, pageSize: limit })) {
        if (found.length >= limit) break;
        found.push(executionOf({ ...execution, firstRun: execution.raw.firstRunId }));
      }
      return found.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    },
  };
}

/** The server refuses a start whose summary is over 200 bytes. */
const cut = (summary: string): string => Buffer.from(summary).subarray(0, 190).toString();

const conflictPolicies = { refuse: 'FAIL', keep: 'USE_EXISTING', replace: 'TERMINATE_EXISTING' } as const;

const keywords = (values: Record<string, string>): TypedSearchAttributes =>
  new TypedSearchAttributes(
    Object.entries(values).map(([name, value]) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value })),
  );

type Found = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>;

function executionOf(
  found: Omit<Found, 'raw' | 'staticDetails' | 'staticSummary'> & { firstRun: string | null | undefined },
): Execution {
  const { workflowId, runId, firstRun, type, status, startTime, memo, typedSearchAttributes } = found;
  const texts = typedSearchAttributes
    .getAll()
    .flatMap(({ key, value }) => (typeof value === 'string' ? [[key.name, value]] : []));
  return {
    workflowId,
    runId,
    firstRun: firstRun || runId,
    type,
    open: status.name === 'RUNNING' || status.name === 'PAUSED',
    startedAt: startTime,
    memo: memo ?? {},
    searchAttributes: Object.fromEntries(texts) as Record<string, string>,
  };
}

async function hasEnded(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
  limitMs: number,
): Promise<boolean> {
  // The server answers a long poll a second before its deadline.
  const deadlineMs = Date.now() + limitMs + 1_000;
  const request = {
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    waitNewEvent: true,
    historyEventFilterType: 2, // only the event that closes it
  };
  const closed = client.withDeadline(deadlineMs, () => client.workflowService.getWorkflowExecutionHistory(request));
  const answer = await closed.catch(() => undefined);
  return (answer?.history?.events?.length ?? 0) > 0;
}
