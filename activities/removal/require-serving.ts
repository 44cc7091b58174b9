import type { Plan } from '../../contract/plan/plan';
import { permanent } from '../../contract/run/failures';
import { readServing } from '../actions/serving';
import { decidesAlone } from '../environment/environment';
import type { Session } from '../environment/session';

/**
 * That the release which does without serves now, by its own answer, whatever a workflow remembers: under the one before it, each
 * request that names what goes would fail from the drop on. Staging alone, and a copy, go without.
 *
 * @throws `WrongState`
 */
export async function requireServing(
  { environment, signal }: Omit<Session, 'client'>,
  { release }: Pick<Plan, 'release'>,
): Promise<void> {
  if (decidesAlone(environment)) return;
  const seen = await readServing(environment, [release.from, release.to], signal);
  if (seen.healthy && seen.release === release.to) return;
  throw permanent(
    'WrongState',
    `expected release "${release.to}" to serve, found ${seen.found}; nothing was dropped; find out what serves, then answer "retry", or "abort"`,
  );
}
