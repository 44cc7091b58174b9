import type { OutOfUseInput } from '../../contract/activities/effect-inputs';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { permanent } from '../../contract/run/failures';
import { readFreeze } from '../state/read-freeze';

/** @throws `WrongState` unless exactly this freeze is on: otherwise its copy may lack something */
export async function requireFreeze(
  client: PostgresClient,
  { plan }: Pick<OutOfUseInput, 'plan'>,
  id: string,
): Promise<void> {
  const freeze = await readFreeze(client, plan);
  if (freeze.state === 'whole' && freeze.id === id) return;
  const found =
    freeze.state === 'whole' ? `the one of "${freeze.id}"` : freeze.state === 'none' ? 'none' : 'a damaged one';
  throw permanent(
    'WrongState',
    `expected the freeze of "${id}", after which the final copy was taken, found ${found}; nothing was changed; answer "retry": it is frozen and copied again`,
  );
}
