import { traits, type Kind } from '../plan/kinds';
import type { EnvironmentName } from './names';
import type { StepId, StepName } from './step-names';

/** What is known of a step of the change, wherever it is asked: a further step answers all of it here. */
interface ChangeStep {
  /** Only where what is removed has values. */
  ofValues: boolean;
  /** Where the facts of an environment keep what it did; forgotten when the change is taken back. Absent = nowhere. */
  receipt?: 'freeze' | 'copy' | 'hide' | 'drop';
  /** Once it has begun, a run that ends has something to undo there. */
  isUndone: boolean;
}

/** What is done in an environment between its backup and the drop, in this order. */
export const changeSteps = {
  backup: { ofValues: true, isUndone: false },
  newRelease: { ofValues: false, isUndone: false },
  recheck: { ofValues: false, isUndone: false },
  freeze: { ofValues: true, receipt: 'freeze', isUndone: true },
  recount: { ofValues: true, isUndone: true },
  finalCopy: { ofValues: true, receipt: 'copy', isUndone: true },
  hide: { ofValues: false, receipt: 'hide', isUndone: true },
  trial: { ofValues: false, isUndone: true },
  drop: { ofValues: false, receipt: 'drop', isUndone: true },
} as const satisfies Partial<Record<StepName, ChangeStep>>;
export type ChangeStepName = keyof typeof changeSteps;

const all = Object.entries(changeSteps) as [ChangeStepName, ChangeStep][];

/** Those of this kind. */
export const changeStepsOf = (kind: Kind): ChangeStepName[] =>
  all.filter(([, { ofValues }]) => traits[kind].hasValues || !ofValues).map(([name]) => name);

/** Of one environment. */
const change = (of: EnvironmentName): StepId[] => all.map(([name]) => ({ name, of }));

/** In staging the change is made, taken back, and made again: the rehearsal. */
const usual: readonly StepId[] = [
  { name: 'preflight' },
  { name: 'baseline' },
  ...change('staging'),
  { name: 'rehearseRollback', of: 'staging' },
  ...change('staging'),
  { name: 'verify', of: 'staging' },
  { name: 'loadTest', of: 'staging' },
  { name: 'soak', of: 'staging' },
  { name: 'approval', gate: 'production' },
  ...change('production'),
  { name: 'verify', of: 'production' },
  { name: 'monitor', of: 'production' },
  { name: 'aftercare' },
];

/** What a rollout of this kind does, in its order, when all goes well. Undefined: not known yet, so all there could be. */
export const rolloutSteps = (kind: Kind | undefined): StepId[] =>
  usual.filter(({ name }) => kind === undefined || isStepOf(kind, name));

function isStepOf(kind: Kind, name: StepName): boolean {
  if (name === 'rehearseRollback') return traits[kind].canBeRestored;
  return !(name in changeSteps) || changeStepsOf(kind).some((one) => one === name);
}

/** Which of what an environment's facts hold was done by the change. */
export const changeReceipts = all.flatMap(([, { receipt }]) => (receipt === undefined ? [] : [receipt]));

/** Those that leave something to undo in this environment. */
export const undoneSteps = (of: EnvironmentName): StepId[] =>
  all.filter(([, { isUndone }]) => isUndone).map(([name]) => ({ name, of }));
