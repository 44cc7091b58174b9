import type { EnvironmentName } from './names';

/**
 * The steps of a runbook by what they are, and what people read of them. Whatever is decided is decided by the name; a
 * label may be reworded at any time (`test/workflows/reworded.test.ts` does so, and replays what was recorded).
 */
export const stepLabels = {
  takeTarget: 'take the target',
  preflight: 'preflight',
  baseline: 'baseline',
  backup: 'backup and proof',
  newRelease: 'new release',
  recheck: 're-check',
  freeze: 'freeze',
  recount: 're-count',
  finalCopy: 'final copy',
  hide: 'hide',
  trial: 'trial',
  drop: 'drop',
  rehearseRollback: 'rollback rehearsal',
  verify: 'verify and probe',
  loadTest: 'load test',
  soak: 'soak',
  soakSample: 'soak sample',
  approval: 'approval',
  changeWindow: 'change window',
  monitor: 'monitor',
  aftercare: 'aftercare',
  assessRollback: 'assess',
  undoRemoval: 'undo',
  sealNewKeys: 'seal new keys',
  restore: 'restore',
  refill: 'refill',
  finishRestore: 'indexes and revision',
  oldRelease: 'old release',
  endWriteGuard: 'end write guard',
};
export type StepName = keyof typeof stepLabels;

/** Which step, and where. */
export interface StepId {
  name: StepName;
  /** Absent: it is about no single environment. */
  of?: EnvironmentName;
  /** Of an approval: the name of its gate. */
  gate?: string;
}

/** What people read: `staging: hide`, `approval: production`. */
export const stepLabel = ({ name, of, gate }: StepId): string =>
  [...(of === undefined ? [] : [of]), stepLabels[name], ...(gate === undefined ? [] : [gate])].join(': ');

export const isSameStep = (a: StepId, b: StepId): boolean => a.name === b.name && a.of === b.of && a.gate === b.gate;

/** Whether a run has begun this step, whatever came of it. */
export const hasBegun = (steps: readonly { id: StepId }[], step: StepId): boolean =>
  steps.some(({ id }) => isSameStep(id, step));
