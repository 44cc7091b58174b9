import { createAssessRollback } from '../../activities/rollback/assess-rollback';
import { createBackup } from '../../activities/backup/backup';
import { createCheckStructure } from '../../activities/structure-checks/check-structure';
import { createCheckServer } from '../../activities/server-checks/check-server';
import { createCheckTools } from '../../activities/server-checks/check-tools';
import { createClassifyRows } from '../../activities/preflight/classify-rows';
import { createDrop } from '../../activities/removal/drop';
import { createEndWriteGuard } from '../../activities/rollback/end-write-guard';
import type { Environment } from '../../activities/environment/environment';
import { createRefillRemoved } from '../../activities/rollback/refill-removed';
import { createFinalCopy } from '../../activities/removal/final-copy';
import { createFinishRestore } from '../../activities/rollback/finish-restore';
import { createFreeze } from '../../activities/removal/freeze';
import { createHide } from '../../activities/removal/hide';
import { createProveBackup } from '../../activities/rehearsal/prove-backup';
import { createUndoRemoval } from '../../activities/removal/undo-removal';
import { createRehearseOnCopy } from '../../activities/rehearsal/rehearse-on-copy';
import { createRestoreRemoved } from '../../activities/rollback/restore-removed';
import { createUnhide } from '../../activities/removal/unhide';
import { createVerifyDropped } from '../../activities/removal/verify-dropped';
import { findingLine, obstacles, type Finding } from '../../contract/run/findings';
import type { Run } from '../../contract/run/decisions';
import type { Plan } from '../../contract/plan/plan';
import { traitsOf } from '../../contract/plan/removals';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { knownTo } from '../support/inputs/known-plan';
import { proveWithoutServer } from '../support/stages/prove-without-server';

/** What is carried there and back, in which environment. */
export interface Journey {
  environment: Environment;
  run: Run;
  plan: Plan;
  planDigest: string;
  /** Whether a dump is restored into a throw-away server, which takes a second. */
  isProven: boolean;
  twice: boolean;
  stops: boolean;
  /** What happens after the final copy was taken, before anything is hidden. */
  afterCopy: () => Promise<void>;
  /** What the way back could not give, in its own words. */
  told: string[];
  /** Told before each step. */
  onStep: (step: string) => void;
}

/** A step that refused or failed after preflight had let the plan pass. */
export class StepFailed extends Error {
  constructor(
    readonly step: string,
    message: string,
  ) {
    super(message);
  }
}

const target = 'fuzz';

/** What the workflow `preflight` asks of a database, in its order. */
export async function preflight({ environment, plan, run, isProven, onStep }: Journey): Promise<Finding[]> {
  const of = { environment: () => environment };
  const look = { target, ...plan };
  onStep('preflight: server');
  const server = await createCheckServer(of)({ ...look, longTransaction: '1 minute', run });
  onStep('preflight: structure');
  const structure = await createCheckStructure(of)({ ...look, dropped: false });
  onStep('preflight: rows');
  const { findings: rows } = traitsOf(plan).hasValues
    ? await createClassifyRows(of)({ target, ...(await knownTo(environment, plan)), newReleaseServes: false })
    : { findings: [] };
  onStep('preflight: tools');
  const tools = isProven ? await createCheckTools(of)(look) : [];
  return [...server.findings, ...structure, ...rows, ...tools];
}

/** What a walk on a throw-away copy says, which preflight takes last: its findings that are in the way. */
export async function rehearsal({ environment, run, plan, planDigest, onStep }: Journey): Promise<Finding[]> {
  onStep('rehearsal on the copy');
  const { findings } = await createRehearseOnCopy({ environment: () => environment })({ run, plan, planDigest });
  return obstacles(findings);
}

/** The whole way, by the activities of a rollout and of a rollback. @throws `StepFailed` */
export async function thereAndBack(journey: Journey): Promise<void> {
  const { environment, run, plan, planDigest, stops } = journey;
  const of = { environment: () => environment };
  const order = { run, plan, planDigest };
  const step = stepper(journey);
  serve(environment, plan.release.from);
  const sources = traitsOf(plan).hasValues ? await keepValues(journey) : undefined;
  serve(environment, plan.release.to);
  await step('hide', () => createHide(of)({ ...order, ...(sources && { copy: sources.copy }) }));
  if (stops) {
    journey.told.push(...(await step('unhide', () => createUnhide(of)(order))));
    await step('put back', () => createUndoRemoval(of)({ ...order, hidBegun: true }));
    return;
  }
  await step('drop', () => createDrop(of)({ ...order, ...sources }));
  await step('verify', async () => judge(await createVerifyDropped(of)({ target, ...plan })));
  await takeBack(journey, sources ?? {});
}

/** Backup, freeze and final copy. */
async function keepValues(journey: Journey): Promise<{ backup: string; copy: string }> {
  const { environment, run, plan, planDigest, isProven, onStep, afterCopy } = journey;
  const of = { environment: () => environment };
  const order = { run, plan, planDigest };
  const step = stepper(journey);
  const { id: backup } = await step('backup', () => createBackup(of)(order));
  await step('proof', async () => {
    if (!isProven) return proveWithoutServer(environment, backup);
    judge((await createProveBackup(of)({ run, id: backup })).findings ?? []);
  });
  serve(environment, plan.release.to);
  const { id: freeze } = await step('freeze', () => createFreeze(of)(order));
  await step('rows again', async () =>
    judge((await createClassifyRows(of)({ target, planDigest, ...plan, newReleaseServes: true })).findings),
  );
  const { id: copy } = await step('final copy', () => createFinalCopy(of)({ ...order, freeze }));
  onStep('writes after the copy');
  await afterCopy();
  return { backup, copy };
}

async function takeBack(journey: Journey, sources: { backup?: string; copy?: string }): Promise<void> {
  const { environment, run, plan, planDigest } = journey;
  const of = { environment: () => environment };
  const step = stepper(journey);
  await step('assess', async () => {
    const { loss, findings } = await createAssessRollback(of)({ target, plan, rollout: run.workflowId });
    if (loss.rows > 0) throw new Error(`expected a way back without loss, found ${loss.rows} rows that would be lost`);
    judge(findings);
  });
  const back: Run = { target, workflowId: 'rollback', firstRun: run.firstRun };
  const input: RestoreInput = { run: back, rollout: run, plan, planDigest, ...sources };
  await step('restore', () => createRestoreRemoved(of)(input));
  await step('fill', () => createRefillRemoved(of)(input));
  await step('finish', async () => {
    const found = await createFinishRestore(of)(input);
    journey.told.push(...found.filter(({ status }) => status === 'not covered').map(({ check }) => check));
    judge(found);
  });
  serve(environment, plan.release.from);
  await step('end write guard', async () => judge(await createEndWriteGuard(of)(input)));
}

/** The release that answers from now on. */
function serve(environment: Environment, release: string): void {
  environment.application.health = { path: `/?release=${release}`, release: 'release' };
}

function judge(findings: readonly Finding[]): void {
  const against = obstacles(findings);
  if (against.length > 0) throw new Error(against.map(findingLine).join('\n'));
}

/** Effects are safe to run again: where the case says so, each runs twice. */
const stepper =
  ({ onStep, twice }: Journey) =>
  async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    onStep(name);
    try {
      const first = await work();
      if (!twice) return first;
      onStep(`${name}, a second time`);
      return await work();
    } catch (error) {
      throw new StepFailed(name, error instanceof Error ? error.message : String(error));
    }
  };
