import { shortTableName } from '../../../contract/text/object-name';
import { compareTables, isSameTable } from '../../catalogue/compare-tables';
import { makeTables } from '../../rebuild/make-tables';
import { completeTables } from '../../rebuild/restore-table';
import type { RollbackVerbs } from './kind';
import { wholeTable } from './whole-table';

/**
 * Built empty, filled row by row as it was copied, then its indexes, constraints and triggers. Nobody uses it meanwhile, so each
 * part is one transaction; whoever comes again finds what is done.
 */
export const table: RollbackVerbs<'table'> = {
  ...wholeTable,
  isAsCaptured: isSameTable,
  rebuild: async (client, { captured }, isGuarded) => {
    await makeTables(client, captured, isGuarded);
    return captured.map(shortTableName);
  },
  finish: async (session, dropped) => [
    ...(await completeTables(session, dropped)),
    ...(await compareTables(session, dropped.captured)),
  ],
};
