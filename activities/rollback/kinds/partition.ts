import { obstacles } from '../../../contract/run/findings';
import { shortTableName } from '../../../contract/text/object-name';
import { compareTables } from '../../catalogue/compare-tables';
import { makeTables } from '../../rebuild/make-tables';
import { attachAsCaptured, isSamePartition, requirePlace } from '../../rebuild/restore-partition';
import { completeTables } from '../../rebuild/restore-table';
import type { RollbackVerbs } from './kind';
import { wholeTable } from './whole-table';

/**
 * Built empty and filled as a table of its own, which nobody sees, then with its indexes and constraints attached to its
 * table by the bound that it had: in a moment, since no row has to be read for it any more.
 */
export const partition: RollbackVerbs<'partition'> = {
  ...wholeTable,
  isAsCaptured: ({ client }, capture) => isSamePartition(client, capture),
  rebuild: async (client, { captured }, isGuarded) => {
    if (!isGuarded) for (const capture of captured) await requirePlace(client, capture);
    await makeTables(client, captured, isGuarded);
    return captured.map(shortTableName);
  },
  finish: async (session, dropped) => {
    const findings = await attachAsCaptured(session, dropped, () => completeTables(session, dropped));
    if (obstacles(findings).length > 0) return findings;
    return [...findings, ...(await compareTables(session, dropped.captured))];
  },
};
