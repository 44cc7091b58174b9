import { removalsOf } from '../../../contract/plan/removals';
import { dropRestoredStatements, takeAwayStatements } from '../../../sql/drop';
import { freezeStatements } from '../../../sql/freeze';
import { guardStatements } from '../../../sql/write-guard';
import { hideStatements, moveOutStatements, unhideStatements } from '../../../sql/hide';
import { verbsOf } from '../../../sql/kinds/kinds';
import { possibleRelations } from '../../../sql/lock';
import { undoStatements } from '../../../sql/undo';

const plan = { removes: [{ index: 'visits_by_page' }, { index: 'old.By Word' }] };
const texts = (statements: readonly { sql: string }[]): string[] => statements.map(({ sql }) => sql);

test('an index is hidden by another name, and nobody who reads or writes waits for that', () => {
  expect(texts(hideStatements(plan))).toEqual([
    'alter index old."By Word" rename to "rubicon_hidden_By Word"',
    'alter index public.visits_by_page rename to rubicon_hidden_visits_by_page',
  ]);
  const back = [
    'alter index old."rubicon_hidden_By Word" rename to "By Word"',
    'alter index public.rubicon_hidden_visits_by_page rename to visits_by_page',
  ];
  expect([texts(unhideStatements(plan)), texts(undoStatements(plan))]).toEqual([back, back]);
  expect(removalsOf(plan).map((removal) => verbsOf(removal).namingLock)).toEqual([
    'share update exclusive',
    'share update exclusive',
  ]);
});

test('it has no values: nothing is frozen, moved or guarded', () => {
  const nothing = [
    freezeStatements(plan, 'a freeze', []),
    moveOutStatements(plan, 'a freeze', []),
    guardStatements(plan),
  ];
  expect(nothing).toEqual([[], [], []]);
});

test('the drop takes the hidden ones, and a rehearsal ends with what it has built', () => {
  expect(texts(takeAwayStatements(plan))).toEqual([
    'drop index old."rubicon_hidden_By Word", public.rubicon_hidden_visits_by_page',
  ]);
  expect(texts(dropRestoredStatements(plan, []))).toEqual([
    'drop index if exists old."By Word", public.visits_by_page',
  ]);
  expect(possibleRelations(plan).map(({ table }) => table)).toEqual([
    ...['By Word', 'rubicon_hidden_By Word', 'visits_by_page', 'rubicon_hidden_visits_by_page'],
  ]);
});
