import { requireCopy } from '../backup/copy-folder';
import { throttleOf } from '../schema-change/throttle';
import type { AsDropped, Footing, Moves } from './kinds/kind';
import { onceAMinute, requireFiles } from './require-files';
import { requireFreeze } from './require-freeze';
import { requireSameAsCopied, requireUnchanged, type SeenSame } from './same-as-copied';

/** Values stand on a freeze, and on backup and final copy: what goes must be what was copied, and nothing else. */
export const onCopy = (moves: Pick<Moves, 'moveOut'>, asDropped: AsDropped): Footing => ({
  hide: async ({ environment, signal }, order) => {
    const { run, plan, planDigest, copy = 'none' } = order;
    const { freeze } = (await requireCopy({ environment, signal }, copy, { run, planDigest })).receipt;
    return {
      require: (client) => requireFreeze(client, order, freeze),
      after: (client) => {
        const session = { client, environment, signal };
        return moves.moveOut({ ...session, throttle: throttleOf(session) }, plan, freeze);
      },
    };
  },
  drop: ({ environment, signal }, order) => {
    const { plan } = order;
    const files = onceAMinute(() => requireFiles({ environment, signal }, order));
    let same: SeenSame | undefined; // reading a large table takes longer than to try for its lock
    return async () => {
      const { record, captured } = await files();
      return {
        compare: async (client) =>
          void (same = await requireSameAsCopied({ client, environment }, { plan, copy: record }, same)),
        captured: (client) => asDropped(client, captured),
        requireStill: async (client) => {
          await requireFreeze(client, order, record.receipt.freeze);
          await requireUnchanged(client, plan, same ?? { marks: '' });
        },
        rows: () => {
          const { copied, removedWhere: dropped } = same?.compared ?? { copied: Number.NaN, removedWhere: Number.NaN };
          return { copied, dropped };
        },
      };
    };
  },
});
