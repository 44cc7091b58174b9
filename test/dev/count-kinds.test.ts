import { asksOf, atMost, placesThatAsk } from '../../dev/count-kinds';

test('at most 20 places outside the tables by kind ask for one', () => {
  const places = placesThatAsk().map(({ file, line, text }) => `${file}:${line}  ${text}`);
  expect(places.slice(atMost)).toEqual([]);
});

test.each([
  "if (removal.kind === 'column') return;",
  "const isIt = kindOf(plan) !== 'external';",
  "    case 'rows':",
  "const word = wordFor(plan) === 'tables' ? 'a' : 'b';",
  "if ('where' in removal) return;",
  'if (removal.external !== undefined) return;',
  'for (const removal of columnsOf(plan)) look(removal);',
  "const rows = removalsOfKind(plan, 'rows');",
  'all.filter(isTable).map(name);',
  'const going = isColumn(removal) ? 1 : 2;',
])('this asks for a kind: %s', (text) => {
  expect(asksOf(text)).toEqual([1]);
});

test.each([
  'const { isInDatabase } = traitsOf(plan);',
  "if (traitsOf(plan).hides === 'in batches') return;",
  'const removed = columnsOf(removal).removed;',
  "// as a word: 'columns' === 'columns'",
  "export const kind: Kind = 'column';",
])('this does not: %s', (text) => {
  expect(asksOf(text)).toEqual([]);
});
