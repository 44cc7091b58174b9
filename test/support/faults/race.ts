import { createDrop } from '../../../activities/removal/drop';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import type { FaultPlace, FaultStage } from '../stages/fault-stage';
import { expectDdlOnce, expectState, type Ending } from '../looks/invariants';
import { seededRandom } from '../looks/random';
import { electorate } from '../stages/sample-environment';

/** How far apart two workers begin to drop at most. */
const apartMs = 300;

/** How long a drop takes on this machine when nobody else acts. */
export async function timeOfDrop(stage: FaultStage): Promise<number> {
  const { environment, memory, close } = await stage.open('drop');
  try {
    const startedAt = performance.now();
    await createDrop({ environment: () => environment, electorate })(memory);
    return performance.now() - startedAt;
  } finally {
    await close();
  }
}

/**
 * Two workers that drop and one that aborts, at moments that the seed says. The abort may begin as late as the drop is
 * over: it takes a fraction of the time, and would win each race that both begin together. Either it was dropped once or
 * it was aborted, and all three were told so. Returns how it ended. `dropMs`: see `timeOfDrop`.
 */
export async function expectOneWinner(stage: FaultStage, seed: number, dropMs = 500): Promise<Ending> {
  const place = await stage.open('drop');
  try {
    const { droppers, abort } = await race(place, seed, dropMs);
    const [row] = await place.query<{ state: string }>('select state from rubicon.rollout');
    const ending = row?.state === 'dropped' ? 'dropped' : 'put back';
    await expectState(place, ending);
    await expectDdlOnce(place, ending);
    const told = ending === 'dropped' ? 'state row "dropped"' : 'no drop of this run is possible any more';
    expect(abort).toMatchObject({ status: 'fulfilled', value: expect.arrayContaining([told]) });
    const refused = { status: 'rejected', reason: expect.objectContaining({ type: 'WrongState' }) };
    const done = { status: 'fulfilled', value: expect.objectContaining({ attempts: expect.any(Number) }) };
    expect(droppers).toMatchObject(Array(2).fill(ending === 'dropped' ? done : refused));
    return ending;
  } finally {
    await place.close();
  }
}

async function race({ environment, memory }: FaultPlace, seed: number, dropMs: number) {
  const random = seededRandom(seed);
  const later = async <T>(act: () => Promise<T>, latestMs = apartMs): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, random() * latestMs));
    return act();
  };
  const deps = { environment: () => environment, electorate };
  const [one, other, abort] = await Promise.allSettled([
    later(() => createDrop(deps)(memory)),
    later(() => createDrop(deps)(memory)),
    later(() => createUndoRemoval(deps)(memory), apartMs + 2 * dropMs),
  ]);
  return { droppers: [one, other], abort };
}
