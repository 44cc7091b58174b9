import { useSystemNames } from '../../../adapters/postgres/search-path';
import { gatherValues } from '../gather-values';
import { checkTables, fillTables, haveRows } from '../../rebuild/restore-table';
import type { RollbackVerbs } from './kind';

/** Whatever was a table with all its rows gets them back in one way: one by one as they were copied, while nobody uses it. */
export const wholeTable: Pick<RollbackVerbs<'table' | 'partition'>, 'refill' | 'checkRefilled'> = {
  // Those that are filled already are left alone, without a look into copy or backup.
  refill: async (session, input, { removals, captured }) => {
    const { client } = session;
    if (await haveRows(client, removals)) return { filled: 0, placeholders: 0 };
    await useSystemNames(client);
    await gatherValues(session, input);
    return { filled: await fillTables(client, removals, captured), placeholders: 0 };
  },
  checkRefilled: async (session, input, { removals, captured }) => {
    const { client } = session;
    await gatherValues(session, input);
    await fillTables(client, removals, captured);
    return checkTables(client, removals, captured);
  },
};
