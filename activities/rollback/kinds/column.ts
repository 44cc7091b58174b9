import { isSameColumn } from '../../catalogue/captured-columns';
import { checkRefilledColumns } from '../check-refilled-columns';
import { finishColumns } from '../finish-columns';
import { rebuildColumns } from '../../rebuild/rebuild-columns';
import { refillColumns } from '../refill-columns';
import type { RollbackVerbs } from './kind';

/** With its captured type, filled row by row, then its indexes, constraints, comments and rights. */
export const column: RollbackVerbs<'column'> = {
  isAsCaptured: ({ client }, capture) => isSameColumn(client, capture),
  rebuild: rebuildColumns,
  refill: refillColumns,
  checkRefilled: checkRefilledColumns,
  finish: finishColumns,
};
