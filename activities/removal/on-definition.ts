import type { PostgresClient } from '../../adapters/postgres/postgres';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';
import { wordFor } from '../../contract/plan/removals';
import { requireDefinitions, writeDefinitions } from '../backup/definitions-folder';
import { captureHidden, captureRemovals, changedCaptures } from '../catalogue/capture-removals';
import type { Capture } from '../catalogue/captured-columns';
import { dataState } from '../state/observe-state';
import type { Footing } from './kinds/kind';

/**
 * What has no values stands on its definition alone, captured in the transaction that hides it: what is dropped must be just that.
 * Nothing is frozen, copied or dumped; see docs/decisions/32-an-index-is-watched.md.
 */
export const onDefinition: Footing = {
  hide: ({ environment }, { run, plan, planDigest }) =>
    Promise.resolve({
      require: async (client) => {
        // What an earlier attempt has hidden it has noted, too.
        if ((await dataState({ client, environment }, plan)) !== 'present') return;
        const captured = await captureRemovals({ client, environment }, plan);
        await writeDefinitions(environment, { run, environment: environment.name, planDigest, captured });
      },
      after: () => Promise.resolve(),
    }),
  drop:
    ({ environment }, { run, plan, planDigest }) =>
    async () => {
      const { captured } = await requireDefinitions(environment, run, planDigest);
      const requireSame = (client: PostgresClient): Promise<void> => requireAsCaptured(client, plan, captured);
      return {
        compare: requireSame,
        captured: () => Promise.resolve(captured),
        requireStill: requireSame,
        rows: () => undefined,
      };
    },
};

async function requireAsCaptured(client: PostgresClient, plan: Plan, captured: readonly Capture[]): Promise<void> {
  const now = await captureHidden(client, plan);
  if (now.length === captured.length && changedCaptures(plan, captured, now).length === 0) return;
  throw permanent(
    'WrongState',
    `expected ${wordFor(plan)} as they were captured when they were hidden, found that someone has changed them since (definition, comment, tablespace); ` +
      'nothing was changed; answer "abort", find out who it was, then start again',
  );
}
