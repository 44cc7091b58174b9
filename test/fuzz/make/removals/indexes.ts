import { makeIndexes } from '../make-indexes';
import { makeTable } from '../make-tables';
import { addColumn, type Making } from '../making';
import { typeNamed } from '../types';
import { nameIn, type DatabaseRemoval, type Target } from './removal';

/** Indexes alone, of one table or two, of every form that there is. */
export function indexes(making: Making): DatabaseRemoval {
  const { draw } = making;
  const targets: Target[] = [];
  for (let tables = draw.int(1, 2); tables > 0 || targets.length === 0; tables -= 1) {
    const table = makeTable(making);
    addColumn(making, table, typeNamed('text'));
    for (const { id, name, unique } of makeIndexes(making, table)) {
      if (unique && draw.chance(0.8)) continue; // its rule is an obstacle
      targets.push({ table, entry: { index: nameIn({ ...table, name }) }, needs: [table.id, id] });
    }
  }
  return { kind: 'indexes', targets };
}
