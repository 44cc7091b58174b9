import { makeForeignKey } from '../make-keys';
import { makeTable } from '../make-tables';
import type { Making } from '../making';
import { keyOf, keyPart, keysOfRows, nameIn, type DatabaseRemoval } from './removal';

/** Up to three, which may point at each other. */
export function tables(making: Making): DatabaseRemoval {
  const { draw } = making;
  const made = Array.from({ length: draw.int(1, 3) }, () => makeTable(making, { key: draw.pick(keysOfRows) }));
  for (const [index, table] of made.entries())
    if (index > 0 && draw.chance(0.6)) makeForeignKey(making, table, made[index - 1]!);
  if (draw.chance(0.2)) makeForeignKey(making, made[0]!, made[0]!);
  return {
    kind: 'tables',
    targets: made.map((table) => ({
      table,
      entry: { table: nameIn(table), ...keyOf(table) },
      needs: [table.id, ...keyPart(table)],
    })),
  };
}
