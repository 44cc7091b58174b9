import { buildIndexes, checkNamesFree } from '../../rebuild/build-indexes';
import type { RollbackVerbs } from './kind';

/** Built from its captured definition while others write; nothing is filled, since nothing was taken out of its table. */
export const oneIndex: RollbackVerbs<'index'> = {
  isAsCaptured: async ({ client }, capture) => (await checkNamesFree(client, [capture])).length === 0,
  // Outside any transaction, at the end: under a lock everybody would wait for it.
  rebuild: (_, { captured }) => Promise.resolve(captured.map(({ index }) => `${index.name} may be built`)),
  refill: () => Promise.resolve({ filled: 0, placeholders: 0 }),
  checkRefilled: ({ client }, _, { captured }) => checkNamesFree(client, captured),
  finish: buildIndexes,
};
