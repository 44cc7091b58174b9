import fc from 'fast-check';
import { shareAmong } from '../../../adapters/programs/share-among';

test('every item is done once, and results come in the order of the items, whoever is faster', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3)), fc.integer({ min: 1, max: 3 }), async (turns, workers) => {
      const done: [number, string][] = [];
      const perform = async (_: string, item: { place: number; turns: number }) => {
        for (let turn = 0; turn < item.turns; turn += 1) await Promise.resolve();
        return `result ${item.place}`;
      };
      await shareAmong(
        ['a', 'b', 'c'].slice(0, workers),
        turns.map((count, place) => ({ place, turns: count })),
        { perform, onResult: ({ place }, result) => done.push([place, result]) },
      );
      expect(done).toEqual(turns.map((_, place) => [place, `result ${place}`]));
    }),
  ));

test('after an error nothing new is begun, and what was under way before is handed on', async () => {
  const begun: number[] = [];
  const done: number[] = [];
  const failing = shareAmong(['a', 'b'], [0, 1, 2, 3], {
    perform: async (_, item) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error('the second one');
    },
    onResult: (item) => done.push(item),
  });
  await expect(failing).rejects.toThrow('the second one');
  expect(begun).not.toContain(3);
  expect(done).toContain(0);
  expect(done).not.toContain(2); // not without the one before it
});
