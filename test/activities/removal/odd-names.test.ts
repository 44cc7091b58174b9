import { writtenName } from '../../../contract/text/object-name';
import { nameOfRemoval } from '../../../contract/plan/removals';
import {
  columnsByRow,
  moreNames,
  oddNames,
  replacedColumns,
  thereAndBack,
  wholeTablesOf,
} from '../../support/inputs/odd-names';

// The whole way for names that need quotes, that are as long as a name can be, or that look like something else. Every kind
// of plan with every name: test/kill/kinds/odd-names.test.ts.

test('columns that are kept by their row', () => thereAndBack(columnsByRow(oddNames)));

test('columns that others replace', () => thereAndBack(replacedColumns(oddNames)));

test('whole tables', () => thereAndBack(wholeTablesOf(oddNames.slice(1, 2))));

test('what people read of them stands on one line', () => {
  for (const name of [...oddNames, ...moreNames])
    expect(nameOfRemoval({ table: writtenName(name) })).not.toMatch(/[\n\r\t]/);
});
