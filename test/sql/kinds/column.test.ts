import { dropRestoredStatements, takeAwayStatements } from '../../../sql/drop';
import { freezeStatements, freezeTriggers, unfreezeStatements } from '../../../sql/freeze';
import { hideStatements, moveOutStatements, unhideStatements } from '../../../sql/hide';
import { undoStatements } from '../../../sql/undo';
import { withValues } from '../../../contract/plan/removals';
import { possibleRelations } from '../../../sql/lock';
import { hiddenTables } from '../../../sql/what-is-removed';
import type { Statement } from '../../../sql/statement';

const plan = { removes: [{ column: 't.b' }, { column: 't.a', replacedBy: 'h' }] };
const sqlOf = (statements: Statement[]) => statements.map(({ sql }) => sql);

test('names: two triggers each, in a table that keeps its name and is in use all the time', () => {
  expect(withValues(plan).map(freezeTriggers)).toEqual([
    ['rubicon_freeze_insert_a', 'rubicon_freeze_update_a'],
    ['rubicon_freeze_insert_b', 'rubicon_freeze_update_b'],
  ]);
  expect(possibleRelations(plan)).toEqual([
    { schema: 'public', table: 't' },
    { schema: 'public', table: 't' },
  ]);
  expect(hiddenTables(plan)).toEqual([]);
});

test('freeze: a value may neither come nor change, nor what it is found again by', () => {
  const created = sqlOf(freezeStatements(plan, 'id', [])).filter((sql) => sql.startsWith('create trigger'));
  expect(created).toEqual([
    expect.stringContaining('after insert on public.t for each row when (new.a is distinct from null)'),
    expect.stringContaining('row(new.h), row(old.h)'),
    expect.stringContaining('after insert on public.t for each row when (new.b is distinct from null)'),
    expect.stringContaining('row(new.id), row(old.id)'),
  ]);
});

test('hide and back: a new name, and nothing to move', () => {
  expect(sqlOf(hideStatements(plan))).toEqual([
    'alter table public.t rename column a to rubicon_hidden_a',
    'alter table public.t rename column b to rubicon_hidden_b',
  ]);
  expect(moveOutStatements(plan, 'id', [])).toEqual([]);
  expect(sqlOf(unhideStatements(plan))).toEqual([
    'alter table public.t rename column rubicon_hidden_a to a',
    'alter table public.t rename column rubicon_hidden_b to b',
  ]);
  expect(undoStatements(plan)).toEqual([...unhideStatements(plan), ...unfreezeStatements(plan)]);
});

test('drop: the freeze first, then all columns of a table at once', () => {
  const [last, ...before] = sqlOf(takeAwayStatements(plan)).reverse();
  expect(last).toBe('alter table public.t drop column rubicon_hidden_a, drop column rubicon_hidden_b');
  expect(before.every((sql) => sql.startsWith('drop trigger if exists rubicon_freeze_'))).toBe(true);
  expect(sqlOf(dropRestoredStatements(plan, []))).toEqual([
    'alter table public.t drop column if exists a, drop column if exists b',
  ]);
});
