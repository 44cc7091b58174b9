import { createDrop } from '../../activities/drop';
import { createPutBack } from '../../activities/put-back';
import type { FaultPlace, FaultStage } from './fault-stage';
import { expectDdlOnce, expectWorld, type Ending } from './invariants';
import { seededRandom } from './random';
import { electorate } from './sample-environment';

/**
 * Two workers that drop and one that aborts, each begun within 300 ms, at moments that the seed says. Either it was
 * dropped once or it was aborted, and all three were told so. Returns how it ended.
 */
export async function expectOneWinner(stage: FaultStage, seed: number): Promise<Ending> {
  const place = await stage.open('drop');
  try {
    const { droppers, abort } = await race(place, seed);
    const [row] = await place.query<{ state: string }>('select state from rubicon.rollout');
    const ending = row?.state === 'dropped' ? 'dropped' : 'put back';
    await expectWorld(place, ending);
    await expectDdlOnce(place, ending);
    const told = ending === 'dropped' ? 'state row "dropped"' : 'no drop of this run is possible any more';
    expect(abort).toMatchObject({ status: 'fulfilled', value: expect.arrayContaining([told]) });
    const refused = { status: 'rejected', reason: expect.objectContaining({ type: 'WrongWorld' }) };
    const done = { status: 'fulfilled', value: expect.objectContaining({ attempts: expect.any(Number) }) };
    expect(droppers).toMatchObject(Array(2).fill(ending === 'dropped' ? done : refused));
    return ending;
  } finally {
    await place.close();
  }
}

async function race({ environment, memory }: FaultPlace, seed: number) {
  const random = seededRandom(seed);
  const later = async <T>(act: () => Promise<T>): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, random() * 300));
    return act();
  };
  const deps = { environment: () => environment, electorate };
  const [one, other, abort] = await Promise.allSettled([
    later(() => createDrop(deps)(memory)),
    later(() => createDrop(deps)(memory)),
    later(() => createPutBack(deps)(memory)),
  ]);
  return { droppers: [one, other], abort };
}
