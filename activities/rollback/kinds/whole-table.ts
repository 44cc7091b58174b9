import { useSystemNames } from '../../../adapters/postgres/search-path';
import { gatherKeys } from '../../new-keys/gather-keys';
import { checkTables, fillTables, haveRows } from '../restore-table';
import type { WayBack } from './kind';

/** Whatever was a table with all its rows gets them back in one way: one by one as they were copied, while nobody uses it. */
export const wholeTable: Pick<WayBack<'table' | 'partition'>, 'refill' | 'checkRefilled'> = {
  // Those that are filled already are left alone, without a look into copy or backup.
  refill: async ({ client, environment, signal }, input, { removals, captured }) => {
    if (await haveRows(client, removals)) return { filled: 0, sentinels: 0 };
    await useSystemNames(client);
    await gatherKeys(client, environment, input, signal);
    return { filled: await fillTables(client, removals, captured), sentinels: 0 };
  },
  checkRefilled: async ({ client, environment, signal }, input, { removals, captured }) => {
    await gatherKeys(client, environment, input, signal);
    await fillTables(client, removals, captured);
    return checkTables(client, removals, captured);
  },
};
