import { useSystemNames } from '../../../adapters/postgres/search-path';
import { shortTableName } from '../../../contract/text/object-name';
import { isSameTable } from '../../catalogue/compare-tables';
import { gatherKeys } from '../../new-keys/gather-keys';
import { makeTables } from '../make-tables';
import { checkTables, fillTables, finishTables, haveRows } from '../restore-table';
import type { WayBack } from './kind';

/**
 * Built empty, filled row by row as it was copied, then its indexes, constraints and triggers. Nobody uses it meanwhile, so each
 * part is one transaction; whoever comes again finds what is done.
 */
export const table: WayBack<'table'> = {
  isAsCaptured: ({ client, environment }, capture) => isSameTable(client, environment, capture),
  rebuild: async (client, { captured }, isGuarded) => {
    await makeTables(client, captured, isGuarded);
    return captured.map(shortTableName);
  },
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
  finish: ({ client, environment, signal }, { plan, captured }) =>
    finishTables(client, environment, plan, captured, signal),
};
