import type { Facts } from '../../contract/run/facts';
import { readableInstant } from '../../contract/text/instant';
import { environments } from '../../contract/run/names';
import type { EnvironmentName } from '../../contract/run/names';
import type { AftercareInput } from '../../contract/activities/aftercare';
import { hasBegun } from '../../contract/run/step-names';
import type { Loaded } from '../../contract/activities/loaded';
import { control } from '../journal/activities';
import type { Journal } from '../journal/journal';

/**
 * A workflow of its own, so that the target is free again while a week of looking goes on, and the backups wait for their
 * date.
 */
export async function startAftercare(journal: Journal, loaded: Loaded): Promise<void> {
  const { planDigest, plan } = loaded;
  const { durations } = plan;
  const order = { ...orderOf(journal, loaded), looks: { planDigest, durations } };
  await journal.step({ name: 'aftercare' }, () => control.startAftercare(order), {
    note: ({ workflowId }) =>
      `${workflowId} looks for ${durations.aftercareDaily}, and destroys the backups at ${readableInstant(order.destroyAt)}`,
  });
}

/** The same for a rollout that ended otherwise: there is nothing to look at, but its backups have a date, too. */
export async function startDestruction(journal: Journal, loaded: Loaded): Promise<void> {
  const { steps } = journal.facts;
  const isStarted = steps.some(({ id, state }) => id.name === 'aftercare' && state === 'done');
  const order = orderOf(journal, loaded);
  if (isStarted || Object.keys(order.left).length === 0) return;
  await control.startAftercare(order);
}

function orderOf(journal: Journal, { plan, keepBackupsMs }: Loaded): AftercareInput {
  const { facts, notifier, events } = journal;
  const tells = events.about();
  const left = leftBy(facts);
  if (Object.keys(left).length > 0) facts.destroyAt ??= new Date(Date.now() + keepBackupsMs).toISOString();
  return {
    ...{ run: facts.run, planName: plan.name, left },
    destroyAt: facts.destroyAt ?? new Date().toISOString(),
    ...(notifier.message && { message: notifier.message }),
    ...(tells && { tells }),
  };
}

/** Wherever a backup was begun something may be, also if nothing came of it. */
function leftBy({ steps, environments: known }: Facts): AftercareInput['left'] {
  const begun = (name: EnvironmentName): boolean => hasBegun(steps, { name: 'backup', of: name });
  return Object.fromEntries(
    environments.filter(begun).map((name) => {
      const { backup, copy } = known[name];
      return [name, { ...(backup && { backup: backup.id }), ...(copy && { copy: copy.id }) }];
    }),
  );
}
