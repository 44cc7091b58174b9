import { writtenName } from '../../contract/object-name';
import { nameOfRemoval } from '../../contract/removals';
import {
  columnsByRow,
  moreNames,
  oddNames,
  replacedColumns,
  rowsOfTables,
  thereAndBack,
  wholeTablesOf,
} from '../support/odd-names';

// The whole way of each kind of plan for names that need quotes, that are as long as a name can be, or that look like
// something else.

test('columns that are kept by their row', () => thereAndBack(columnsByRow(oddNames)));

test('columns that others replace', () => thereAndBack(replacedColumns(oddNames)));

test('whole tables', () => thereAndBack(wholeTablesOf(oddNames.slice(0, 3))));

test('some rows, also of two tables of one name', () => thereAndBack(rowsOfTables(oddNames)));

test('what people read of them stands on one line', () => {
  for (const name of [...oddNames, ...moreNames])
    expect(nameOfRemoval({ table: writtenName(name) })).not.toMatch(/[\n\r\t]/);
});
