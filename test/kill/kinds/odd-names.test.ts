import {
  columnsByRow,
  moreNames,
  oddNames,
  replacedColumns,
  rowsOfTables,
  thereAndBack,
  wholeTablesOf,
} from '../../support/inputs/odd-names';

// Every kind of plan with every name.

const all = [...oddNames, ...moreNames];

test('columns that are kept by their row', () => thereAndBack(columnsByRow(all)));

test('columns that others replace', () => thereAndBack(replacedColumns(all)));

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((part) => all.filter((_, index) => index % 10 === part)))(
  'whole tables: %j',
  (...names) => thereAndBack(wholeTablesOf(names)),
);

test.each([0, 1, 2].map((part) => all.filter((_, index) => index % 3 === part)))('some rows: %j', (...names) =>
  thereAndBack(rowsOfTables(names)),
);
