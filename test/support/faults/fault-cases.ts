import { failPoints, type FailPoint } from '../../../adapters/programs/fail-point';
import type { StepName } from './fault-steps';

/** What happens to the process that runs a step, or to what it talks to, while it stands at a point. */
export type Fault =
  /** As by `kill -9`. */
  | 'killed'
  /** Believed dead while another worker runs the step again; then it goes on. */
  | 'frozen'
  /** The same, and it goes on only after everything else was done. */
  | 'frozen for long'
  /** Its connections break, and only its side notices. */
  | 'cut off'
  /** The database crashes and comes back. */
  | 'left by its server';

/** One point of one step, what happens there, and what is done then. */
export interface FaultCase {
  point: FailPoint;
  fault: Fault;
  then: 'again' | 'put back';
}

/** New keys have a stage of their own: neither copy nor backup. Rows are moved, partitions detached by other plans. */
type RolloutPoint = Exclude<FailPoint, `${'new keys' | 'move' | 'detach' | 'attach'}: ${string}`>;

/** Words of a point's step: `drop` of `drop: before`. */
type Word<Point> = Point extends `${infer Step}: ${string}` ? Step : never;

const steps: Record<Word<RolloutPoint>, StepName> = {
  rehearsal: 'rehearseOnCopy',
  ...{ backup: 'backup', proof: 'proveBackup', freeze: 'freeze', 'final copy': 'finalCopy', hide: 'hide' },
  ...{ unhide: 'unhide', 'put back': 'undoRemoval', drop: 'drop', flush: 'flushCache' },
  ...{ 'restore columns': 'restoreRemoved', fill: 'refillRemoved', 'finish restore': 'finishRestore' },
  'end guard': 'endWriteGuard',
};

/** The step that comes by this point. */
export const stepOf = (point: FailPoint): StepName => steps[point.slice(0, point.indexOf(':')) as Word<RolloutPoint>];

const forward: StepName[] = ['rehearseOnCopy', 'backup', 'proveBackup', 'freeze', 'finalCopy', 'hide', 'drop'];
export const back: StepName[] = ['restoreRemoved', 'refillRemoved', 'finishRestore', 'endWriteGuard'];

/** What a workflow does after this step; after a trial that was put back the columns go out of use once more. */
export function stepsAfter(step: StepName): StepName[] {
  if (step === 'unhide') return forward.slice(3);
  const way = back.includes(step) ? back : forward;
  return way.includes(step) ? way.slice(way.indexOf(step) + 1) : [];
}

/** Steps that an end before the drop may have to put back. */
const reversible: StepName[] = ['freeze', 'finalCopy', 'hide', 'drop'];

const rolloutPoints = failPoints.filter((point) => !/^(?:new keys|move|detach|attach): /.test(point));

/** Every point with every fault that can matter there. */
export const faultCases: FaultCase[] = rolloutPoints.flatMap((point) => {
  const step = stepOf(point);
  const isOutOfUse = [...reversible, 'unhide'].includes(step);
  const again: Fault[] = [
    ...(['killed', 'frozen', 'cut off'] as const),
    ...(step === 'flushCache' ? [] : (['left by its server'] as const)), // it talks to Redis alone
    ...(isOutOfUse ? (['frozen for long'] as const) : []),
  ];
  const undoRemoval: Fault[] = reversible.includes(step) ? ['killed', 'frozen', 'cut off'] : [];
  return [
    ...again.map((fault): FaultCase => ({ point, fault, then: 'again' })),
    ...undoRemoval.map((fault): FaultCase => ({ point, fault, then: 'put back' })),
  ];
});
