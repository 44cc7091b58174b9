import { dropRestoredStatements, takeAwayStatements } from '../../../sql/drop';
import { freezeStatements, freezeTriggers, unfreezeStatements } from '../../../sql/freeze';
import { hideStatements, moveOutStatements, unhideStatements } from '../../../sql/hide';
import { undoStatements } from '../../../sql/undo';
import { withValues } from '../../../contract/plan/removals';
import { possibleRelations } from '../../../sql/lock';
import { hiddenTables } from '../../../sql/what-is-removed';
import type { Statement } from '../../../sql/statement';

const plan = { removes: [{ table: 'u' }, { table: 'a.t' }] };
const sqlOf = (statements: Statement[]) => statements.map(({ sql }) => sql);

test('names: one trigger, on a table that is looked for under both of its names', () => {
  expect(withValues(plan).map(freezeTriggers)).toEqual([['rubicon_freeze_write'], ['rubicon_freeze_write']]);
  expect(possibleRelations(plan)).toEqual([
    { schema: 'a', table: 't' },
    { schema: 'a', table: 'rubicon_hidden_t' },
    { schema: 'public', table: 'u' },
    { schema: 'public', table: 'rubicon_hidden_u' },
  ]);
  expect(hiddenTables(plan)).toEqual([
    { schema: 'a', table: 'rubicon_hidden_t' },
    { schema: 'public', table: 'rubicon_hidden_u' },
  ]);
});

test('freeze: no statement writes', () => {
  const created = sqlOf(freezeStatements(plan, 'id', [])).filter((sql) => sql.startsWith('create trigger'));
  expect(created).toEqual([
    expect.stringContaining('before insert or update or delete or truncate on a.t for each statement'),
    expect.stringContaining('before insert or update or delete or truncate on public.u for each statement'),
  ]);
});

test('hide and back: a new name, and nothing to move', () => {
  expect(sqlOf(hideStatements(plan))).toEqual([
    'alter table a.t rename to rubicon_hidden_t',
    'alter table public.u rename to rubicon_hidden_u',
  ]);
  expect(moveOutStatements(plan, 'id', [])).toEqual([]);
  expect(sqlOf(unhideStatements(plan))).toEqual([
    'alter table a.rubicon_hidden_t rename to t',
    'alter table public.rubicon_hidden_u rename to u',
  ]);
  expect(undoStatements(plan)).toEqual([...unhideStatements(plan), ...unfreezeStatements(plan)]);
});

test('drop: all in one statement, since they may point at each other', () => {
  expect(sqlOf(takeAwayStatements(plan))).toEqual(['drop table a.rubicon_hidden_t, public.rubicon_hidden_u']);
  expect(sqlOf(dropRestoredStatements(plan, []))).toEqual(['drop table a.t, public.u']);
});
