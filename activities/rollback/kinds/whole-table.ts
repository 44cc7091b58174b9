import { useSystemNames } from '../../../adapters/postgres/search-path';
import { gatherValues } from '../../new-keys/gather-values';
import { checkTables, fillTables, haveRows } from '../restore-table';
import type { RollbackVerbs } from './kind';

/** Whatever was a table with all its rows gets them back in one way: one by one as they were copied, while nobody uses it. */
export const wholeTable: Pick<RollbackVerbs<'table' | 'partition'>, 'refill' | 'checkRefilled'> = {
  // Those that are filled already are left alone, without a look into copy or backup.
  refill: async ({ client, environment, signal }, input, { removals, captured }) => {
    if (await haveRows(client, removals)) return { filled: 0, placeholders: 0 };
    await useSystemNames(client);
    await gatherValues(client, environment, input, signal);
    return { filled: await fillTables(client, removals, captured), placeholders: 0 };
  },
  checkRefilled: async ({ client, environment, signal }, input, { removals, captured }) => {
    await gatherValues(client, environment, input, signal);
    await fillTables(client, removals, captured);
    return checkTables(client, removals, captured);
  },
};
