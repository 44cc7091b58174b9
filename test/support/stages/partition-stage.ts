import { Client } from 'pg';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFreeze } from '../../../activities/removal/freeze';
import { createHide } from '../../../activities/removal/hide';
import { readObservedState } from '../../../activities/state/observe-state';
import { openPostgres } from '../../../adapters/postgres/postgres';
import type { ObservedState } from '../../../contract/run/observed-state';
import { decide } from './decided';
import type { KindStage } from './kind-stage';
import { electorate } from './sample-environment';

/** What the catalogue says of the plan's data. */
export async function dataOf({ stage, prepared }: KindStage): Promise<ObservedState['data']> {
  const postgres = openPostgres({ url: stage.database.url, applicationName: 'test world' });
  const { data } = await postgres
    .withClient((client) => readObservedState({ client, environment: stage.environment }, prepared.plan, prepared.run))
    .finally(() => postgres.close());
  return data;
}

/** Frozen and copied, with what the next step needs. */
export async function copied({ stage, prepared }: KindStage) {
  const decided = await decide(stage.environment, prepared, { name: 'production' });
  const deps = { environment: stage.find, electorate };
  const order = { ...prepared, ...decided };
  const { id: freeze } = await createFreeze(deps)(order);
  const { id: copy } = await createFinalCopy(deps)({ ...order, freeze });
  return { hide: () => createHide(deps)({ ...order, copy }) };
}

/** A transaction that has used the table `events`, though not this partition of it, and goes on. */
export async function openReader({ stage }: KindStage): Promise<{ end: () => Promise<void> }> {
  const reader = new Client({ connectionString: stage.database.url });
  await reader.connect();
  await reader.query('begin');
  await reader.query('lock table only events in access share mode');
  return {
    end: async () => {
      await reader.query('commit');
      await reader.end();
    },
  };
}

/** Whether a detachment was begun and has not ended. */
export const isPending = async ({ query }: KindStage): Promise<boolean> =>
  (await query('select from pg_inherits where inhdetachpending')).length > 0;
