import { writtenName } from '../../../../contract/text/object-name';
import { makeForeignKey } from '../make-keys';
import { makeTable } from '../make-tables';
import { addColumn, type Making } from '../making';
import { literal } from '../names';
import { typeNamed } from '../types';
import { keyOf, keyPart, keysOfRows, nameIn, type DatabaseRemoval } from './removal';

/** Types by which rows are chosen, with values that some equality takes for the same. */
const chooser: readonly (readonly [type: string, values: readonly string[]])[] = [
  ['integer', ['42', '7']],
  ['text', ['acme', 'Acme', 'other']],
  ['citext', ['acme', 'Acme', 'ACME', 'other']],
  ['text without case', ['acme', 'Acme', 'ACME', 'other']],
  ['numeric', ['1.0', '1.00', '1', '2']],
  ['char(8)', ['a', 'a ', 'b']],
  ['enum', ['fine', 'Fine']],
  ['boolean', ['t', 'f']],
  ['date', ['2024-02-29', 'infinity']],
  ['double precision', ['-0', '0', '1.5']],
  ['jsonb', ['{"a": 1.0}', '{"a": 1.00}', '[]']],
  ['text[]', ['{a,b}', '{}']],
  ['domain', ['a', 'A']],
  ['uuid', ['00000000-0000-0000-0000-000000000000']],
];

/** Of one table or two, chosen by one value. */
export function rows(making: Making): DatabaseRemoval {
  const { draw } = making;
  const [typeName, values] = draw.pick(chooser);
  const value = values[0] ?? '';
  const made = Array.from({ length: draw.int(1, 2) }, () => {
    const table = makeTable(making, {
      key: draw.pick(keysOfRows),
      rows: 6,
    });
    const column = addColumn(making, table, typeNamed(typeName));
    // The first row is one that goes: a plan that removes nothing is another matter.
    column.values = (row, of) => literal(row === 1 ? value : of.pick(values));
    return {
      table,
      column,
      entry: { table: nameIn(table), where: { [writtenName(column.name)]: value }, ...keyOf(table) },
      needs: [table.id, column.id, ...keyPart(table)],
    };
  });
  const [first, second] = made;
  if (first !== undefined && second !== undefined && draw.chance(0.3))
    makeForeignKey(making, second.table, first.table);
  return { kind: 'rows', targets: made.map(({ column: _, ...target }) => target) };
}
