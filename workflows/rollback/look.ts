import { counted } from '../../contract/text/plain-text';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import type { Ordered } from './load';

/** What is there, what can come back, and what would be lost. */
export async function look(
  journal: Journal,
  { loaded, order }: Pick<Ordered, 'loaded' | 'order'>,
): Promise<RollbackCase> {
  const { target, planDigest, requesters } = loaded;
  const input = { target, planDigest, requesters, ...(order.rollout && { rollout: order.rollout }) };
  const found = await journal.step({ name: 'assessRollback' }, () => environment('production').assessRollback(input), {
    judge: ({ findings }) => findings,
    onObstacle: 'stop',
    note: ({ observed, loss }) =>
      `data ${observed.data}, state row ${observed.row}, loss: ${counted(loss.rows, 'row')}`,
  });
  journal.facts.rollback = found;
  journal.facts.environments.production.identity = found.identity;
  return found;
}
