import { activityInfo } from '@temporalio/activity';
import type { Temporal } from '../../adapters/temporal';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { GateActivities } from '../../contract/activities/gate-activities';
import type { Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';

type OfRun = Pick<Run, 'workflowId' | 'firstRun'>;

/** `itself`: the run that its input names; `or its successor`: once that one has ended, another; `anyone`: it acts for no run. */
type Asker = 'itself' | 'or its successor' | 'anyone';

/** Every activity that Temporal can start. There is no default, so that a new one which nobody has thought of does not compile. */
export const askers: Readonly<Record<keyof (EnvironmentActivities & GateActivities & ControlActivities), Asker>> = {
  takesTasks: 'anyone',

  checkServer: 'itself',
  checkStructure: 'anyone',
  classifyRows: 'anyone',
  captureDefinitions: 'anyone',
  checkQueries: 'anyone',
  checkCache: 'anyone',
  checkLog: 'anyone',
  checkApplication: 'anyone',
  checkTools: 'anyone',
  captureBaseline: 'anyone',
  takeSample: 'anyone',
  probe: 'anyone',
  verifyDropped: 'anyone',
  countIndexUse: 'anyone',
  proveNothingStale: 'anyone',
  rehearseOnCopy: 'itself',
  observeState: 'anyone', // a rollback looks at its rollout
  assessRollback: 'anyone',
  watch: 'itself',

  noteHold: 'itself',
  backup: 'itself',
  proveBackup: 'itself',
  setMaintenance: 'anyone', // off by its lease, and on by decisions that are bound to the run
  flushCache: 'itself',
  deploy: 'itself',
  loadTest: 'anyone',
  finalCopy: 'itself',
  destroyBackups: 'anyone', // by aftercare, and by the worker's own date
  sealNewKeys: 'itself',
  refillRemoved: 'itself',
  freeze: 'itself',
  hide: 'itself',
  unhide: 'itself',
  drop: 'itself',
  undoRemoval: 'or its successor', // a rollback puts back what a dead rollout has left
  restoreRemoved: 'itself',
  finishRestore: 'itself',
  endWriteGuard: 'itself',

  openGate: 'itself',
  verifyCodes: 'itself',
  verifyYield: 'itself',
  closeGate: 'itself',
  findWindow: 'anyone',
  remind: 'itself',
  showRequest: 'itself',

  loadPlan: 'itself',
  loadRollback: 'itself',
  acquireTarget: 'itself',
  releaseTarget: 'itself',
  publishStatus: 'itself',
  announce: 'itself',
  checkChannels: 'anyone',
  handOver: 'itself',
  deliver: 'anyone', // by the delivery of its run, at which it looks itself
  writeReport: 'itself',
  startAftercare: 'itself',
  startRollback: 'anyone',
};

/**
 * Lets an activity act for the run that has asked for it, and for no other. Guards against a workflow that speaks in the name of another
 * run, whose target, votes or report are none of its business. It is a fence, not the lock: whoever may write to Temporal can end a run
 * and begin another of that id, so effects verify decisions besides.
 *
 * @throws `NotDecided`
 */
export function askedByItsRun<T extends object>(activities: T, temporal: Pick<Temporal, 'startEvent' | 'describe'>): T {
  const fenced = Object.entries(activities as Record<string, (input: unknown) => Promise<unknown>>).map(
    ([name, activity]) => {
      const asker = (askers as Record<string, Asker>)[name] ?? 'itself';
      if (asker === 'anyone') return [name, activity];
      const asked = async (input: unknown): Promise<unknown> => {
        await requireAsker(temporal, asker, runsOf(input));
        return activity(input);
      };
      return [name, asked];
    },
  );
  return Object.fromEntries(fenced) as T;
}

async function requireAsker(
  temporal: Pick<Temporal, 'startEvent' | 'describe'>,
  asker: Asker,
  runs: readonly OfRun[],
): Promise<void> {
  const { workflowExecution } = activityInfo();
  for (const run of runs) {
    if (workflowExecution !== undefined && (await isOf(temporal, workflowExecution, run))) continue;
    if (asker === 'or its successor' && (await hasEnded(temporal, run))) continue;
    throw permanent(
      'NotDecided',
      `expected ${run.workflowId.slice(0, 200)} to ask for itself, found ${workflowExecution?.workflowId ?? 'no workflow'} (run ${workflowExecution?.runId ?? 'unknown'}) that asks for it; nothing was changed; find out who has started that one`,
    );
  }
}

/** A run that was reset is another one of the same chain. */
async function isOf(
  temporal: Pick<Temporal, 'startEvent'>,
  caller: { workflowId: string; runId: string },
  { workflowId, firstRun }: OfRun,
): Promise<boolean> {
  if (caller.workflowId !== workflowId) return false;
  return caller.runId === firstRun || (await temporal.startEvent(caller)).firstRun === firstRun;
}

async function hasEnded(temporal: Pick<Temporal, 'describe'>, { workflowId, firstRun }: OfRun): Promise<boolean> {
  const found = await temporal.describe(workflowId);
  return found === undefined || !found.open || found.firstRun !== firstRun;
}

/** The runs that an input names as its own, wherever it does. Of a `rollout` that a rollback takes back, that one decides. */
function runsOf(input: unknown): OfRun[] {
  if (typeof input !== 'object' || input === null) return [];
  const { run, gate, facts, trialOf, workflowId, runId } = input as Record<string, unknown>;
  const inFacts = typeof facts === 'object' && facts !== null ? (facts as Record<string, unknown>)['run'] : undefined;
  const named = [run, gate, trialOf, inFacts, ...(runId === undefined ? [] : [{ workflowId, firstRun: runId }])];
  return named.filter(isRun);
}

const isRun = (value: unknown): value is OfRun =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<OfRun>).workflowId === 'string' &&
  typeof (value as Partial<OfRun>).firstRun === 'string';
