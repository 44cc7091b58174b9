import { dropRestoredStatements, takeAwayStatements } from '../../../sql/drop';
import { freezeStatements, freezeTriggers, unfreezeStatements } from '../../../sql/freeze';
import { hideStatements, moveOutStatements, unhideStatements } from '../../../sql/hide';
import { undoStatements } from '../../../sql/undo';
import { withValues } from '../../../contract/plan/removals';
import { possibleRelations } from '../../../sql/lock';
import { hiddenTables } from '../../../sql/what-is-removed';
import type { Statement } from '../../../sql/statement';

const plan = { removes: [{ partition: 'e_1', of: 'e' }] };
const sqlOf = (statements: Statement[]) => statements.map(({ sql }) => sql);

test('names: the table above it is never locked for it, nor looked for under another name', () => {
  expect(withValues(plan).map(freezeTriggers)).toEqual([['rubicon_freeze_write', 'rubicon_freeze_truncate']]);
  const hidden = { schema: 'public', table: 'rubicon_hidden_e_1' };
  expect(possibleRelations(plan)).toEqual([{ schema: 'public', table: 'e_1' }, hidden]);
  expect(hiddenTables(plan)).toEqual([hidden]);
});

test('freeze: for each row, since a statement on the table above runs no statement trigger here', () => {
  const created = sqlOf(freezeStatements(plan, 'id', [])).filter((sql) => sql.startsWith('create trigger'));
  expect(created).toEqual([
    expect.stringContaining('before insert or update or delete on public.e_1 for each row'),
    expect.stringContaining('before truncate on public.e_1 for each statement'),
  ]);
});

test('hide and back: its bound is noted and it has another name, then it is detached; and all of that back', () => {
  expect(sqlOf(hideStatements(plan))).toEqual([
    expect.stringMatching(/add constraint rubicon_hidden_bound check .* not valid/s),
    'alter table public.e_1 rename to rubicon_hidden_e_1',
  ]);
  expect(sqlOf(moveOutStatements(plan, 'id', []))).toEqual([
    'alter table public.rubicon_hidden_e_1 validate constraint rubicon_hidden_bound',
    'alter table public.e detach partition public.rubicon_hidden_e_1 concurrently',
  ]);
  expect(sqlOf(unhideStatements(plan))).toEqual([
    expect.stringContaining('alter table public.e attach partition public.rubicon_hidden_e_1 '),
    'alter table public.rubicon_hidden_e_1 rename to e_1',
    'alter table public.e_1 drop constraint if exists rubicon_hidden_bound',
  ]);
  expect(undoStatements(plan)).toEqual([...unhideStatements(plan), ...unfreezeStatements(plan)]);
});

test('drop: it is a table of its own by then', () => {
  expect(sqlOf(takeAwayStatements(plan))).toEqual(['drop table public.rubicon_hidden_e_1']);
  expect(sqlOf(dropRestoredStatements(plan, []))).toEqual(['drop table public.e_1']);
});
