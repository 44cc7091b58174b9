import { back, stepOf, type FaultCase } from './fault-cases';
import type { FaultStage } from '../stages/fault-stage';
import {
  expectDdlOnce,
  expectNothingLeft,
  expectRollback,
  expectState,
  readUntouched,
  type Ending,
} from '../looks/invariants';
import { expectFlushToSurvive } from './survive-flush';
import { runFault } from './run-fault';

/** Lets it happen, does what a workflow would do, and looks whether all that must hold always has held. */
export async function expectToSurvive(stage: FaultStage, one: FaultCase): Promise<void> {
  if (stepOf(one.point) === 'flushCache') return expectFlushToSurvive(stage, one);
  const place = await stage.open(stepOf(one.point));
  try {
    const untouched = await readUntouched(place);
    const { failed, lateDdl, mostAtOnce } = await runFault(stage, place, one);
    expect(failed.by).toBe(one.fault === 'killed' ? 'SIGKILL' : 0);
    if (comesThrough(one)) expect(failed).not.toHaveProperty('error');
    expect(lateDdl).toBe(0);
    expect(mostAtOnce).toBeLessThanOrEqual(1);
    const ending = await endingOf(place, one);
    await expectState(place, ending);
    await expectDdlOnce(place, ending);
    await expectRollback(place, ending);
    await expect(readUntouched(place)).resolves.toEqual(untouched);
    await expectNothingLeft(place, [failed.pid, process.pid]);
  } finally {
    await place.close();
  }
}

/** A change of the schema that loses its session looks what is there, and goes on by itself. */
const comesThrough = ({ point, fault }: FaultCase): boolean =>
  (fault === 'cut off' || fault === 'left by its server') &&
  ['freeze', 'hide', 'unhide', 'undoRemoval', 'drop'].includes(stepOf(point));

/** An abort that comes after the drop is too late; a drop that was cut off may be done again before the abort comes. */
async function endingOf({ query, memory }: Awaited<ReturnType<FaultStage['open']>>, one: FaultCase): Promise<Ending> {
  const step = stepOf(one.point);
  if (back.includes(step)) return 'taken back';
  if (step === 'undoRemoval') return 'put back';
  if (one.then === 'again') return 'dropped';
  if (step === 'drop' && one.fault === 'cut off') {
    const [row] = await query<{ state: string }>('select state from rubicon.rollout where first_run = $1', [
      memory.run.firstRun,
    ]);
    return row?.state === 'dropped' ? 'dropped' : 'put back';
  }
  return one.point === 'drop: after' ? 'dropped' : 'put back';
}
