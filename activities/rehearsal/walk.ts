import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { failPoint, withoutFailPoints } from '../../adapters/programs/fail-point';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { safeMessage } from '../../adapters/programs/secret-text';
import type { Run } from '../../contract/run/decisions';
import { digestOf } from '../../contract/text/digest';
import { finding, obstacles, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import { traitsOf } from '../../contract/plan/removals';
import type { RestoreInput } from '../../contract/activities/effect-inputs';
import { createAssessRollback } from '../rollback/assess-rollback';
import { createDrop } from '../removal/drop';
import { createEndWriteGuard } from '../rollback/end-write-guard';
import type { Environment } from '../environment/environment';
import type { Session } from '../environment/session';
import { createRefillRemoved } from '../rollback/refill-removed';
import { createFinalCopy } from '../removal/final-copy';
import { createFinishRestore } from '../rollback/finish-restore';
import { createFreeze } from '../removal/freeze';
import { createHide } from '../removal/hide';
import { createRestoreRemoved } from '../rollback/restore-removed';

/** How far the way was walked on a copy. */
export interface Walked {
  /** What was done, in order. */
  steps: { name: string; tookMs: number }[];
  /** What is against it, and what is worth knowing; empty = the end was reached. */
  findings: Finding[];
}

/**
 * The whole way, there and back, by the very effects of a rollout and a rollback, on a throw-away copy: freeze, final copy,
 * hide, drop, assess, rebuild, refill, finish, end of the write guard. What does not succeed ends it, as a finding.
 *
 * @param withoutValue rows that have none to lose; see `giveRowsTheirValue`
 * @throws the reason of `signal`
 */
export async function walkThereAndBack(
  { environment: copy, signal }: Omit<Session, 'client'>,
  given: Plan,
  withoutValue: number,
): Promise<Walked> {
  const plan = ownWay(given);
  const planDigest = digestOf(plan);
  const deps = { environment: () => copy };
  const run: Run = { target: copy.target, workflowId: 'rehearsal', firstRun: randomBytes(8).toString('hex') };
  const order = { run, plan, planDigest };
  const walked: Walked = { steps: [], findings: [] };
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    try {
      return await withoutFailPoints(work);
    } catch (error) {
      signal.throwIfAborted();
      throw new Stopped(name, error);
    } finally {
      walked.steps.push({ name, tookMs: Math.round(performance.now() - startedAt) });
    }
  };
  const judged = async (name: string, work: () => Promise<Finding[]>): Promise<void> => {
    const found = await step(name, work);
    walked.findings.push(...found.filter(({ status }) => status !== 'passed').map((each) => inStep(name, each)));
    if (obstacles(found).length > 0) throw new Stopped(name);
  };
  serve(copy, plan.release.to);
  try {
    const copied: { copy?: string } = {};
    if (traitsOf(plan).hasValues) {
      const freeze = await step('freeze', () => createFreeze(deps)(order));
      copied.copy = (await step('final copy', () => createFinalCopy(deps)({ ...order, freeze: freeze.id }))).id;
    }
    await step('hide', () => createHide(deps)({ ...order, ...copied }));
    await step('drop', () => createDrop(deps)({ ...order, ...copied }));
    await failPoint('rehearsal: half-way');
    await judged('assess', async () => {
      const { findings, loss } = await createAssessRollback(deps)({ target: run.target, rollout: run.workflowId });
      return [...findings, nothingLost(loss.rows - withoutValue)];
    });
    const back: RestoreInput = { run, rollout: run, plan, planDigest, ...copied };
    await step('rebuild', () => createRestoreRemoved(deps)(back));
    await step('refill', () => createRefillRemoved(deps)(back));
    await judged('finish', () => createFinishRestore(deps)(back));
    serve(copy, plan.release.from);
    await judged('end of the write guard', () => createEndWriteGuard(deps)(back));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    if (error.reason !== undefined) walked.findings.push(stoppedBy(error));
  }
  return walked;
}

/** By our own statements: an action of the platform would reach the real environment. */
function ownWay({ byAction: _, ...plan }: Plan): Plan {
  return { ...plan, durations: { ...plan.durations, lockGivesUp: '20 s' } }; // nobody else is there to wait for
}

function serve({ copy }: Environment, release: string): void {
  if (copy !== undefined) copy.serves = release;
}

class Stopped extends Error {
  constructor(
    readonly step: string,
    readonly reason?: unknown,
  ) {
    super(step);
  }
}

const inStep = (step: string, each: Finding): Finding => ({
  ...each,
  check: `rehearsal on the copy: ${step}: ${each.check}`,
});

const nothingLost = (rows: number): Finding =>
  finding('loss', rows <= 0, {
    expected: 'no row that a rollback would lose',
    found: `${rows}`,
    remedy: 'look at these rows first: right after a drop a rollback gives everything back',
  });

/** What a step refuses is an answer; a server that is gone, or a full disk, is none. */
function stoppedBy({ step, reason }: Stopped): Finding {
  const refused =
    (reason instanceof ApplicationFailure && reason.type !== 'LockNotAcquired') ||
    (reason instanceof PostgresError && reason.sqlstate !== undefined && !/^(?:08|53|57|58)/.test(reason.sqlstate));
  return finding(`rehearsal on the copy: ${step}`, refused ? false : 'unknown', {
    expected: 'a step that succeeds on a throw-away server with these definitions and rows',
    found: safeMessage(reason),
    remedy: refused
      ? 'nothing real was touched; the same would have happened there: change what it names, then start again'
      : 'nothing real was touched; fix what it names on the worker, then start again',
  });
}
