import { dropRestoredStatements, takeAwayStatements } from '../../../sql/drop';
import { freezeStatements, freezeTriggers } from '../../../sql/freeze';
import { asWritten } from '../../../sql/condition';
import { hideStatements, moveOutStatements, unhideStatements } from '../../../sql/hide';
import { undoStatements } from '../../../sql/undo';
import { withValues } from '../../../contract/plan/removals';
import { possibleRelations } from '../../../sql/lock';
import { hiddenTables } from '../../../sql/what-is-removed';
import type { Statement } from '../../../sql/statement';

const plan = { removes: [{ table: 't', where: { tenant: '42' } }] };
const sqlOf = (statements: Statement[]) => statements.map(({ sql }) => sql);
const equalities = asWritten(withValues(plan));

test('names: triggers on the table that stays, and a table beside it', () => {
  expect(withValues(plan).map(freezeTriggers)).toEqual([
    ['insert', 'update', 'delete', 'truncate'].map((event) => `rubicon_freeze_rows_${event}`),
  ]);
  expect(possibleRelations(plan).map(({ table }) => table)).toEqual(['t', 'rubicon_hidden_t']);
  expect(hiddenTables(plan)).toEqual([{ schema: 'public', table: 'rubicon_hidden_t' }]);
});

test('freeze: whatever is done to a row that goes, unless this rollout moves it', () => {
  const created = sqlOf(freezeStatements(plan, 'id', equalities)).filter((sql) => sql.startsWith('create trigger'));
  const byOthers = `current_setting('rubicon.moving', true) is distinct from 'id'`;
  expect(created).toEqual([
    expect.stringContaining(`when ((new.tenant = '42') and ${byOthers})`),
    expect.stringContaining(`when (((old.tenant = '42') or (new.tenant = '42')) and ${byOthers})`),
    expect.stringContaining(`when ((old.tenant = '42') and ${byOthers})`),
    expect.stringContaining('before truncate on public.t for each statement'),
  ]);
});

test('hide and back: a table for them, then batches; back in one transaction, or not at all', () => {
  expect(sqlOf(hideStatements(plan))).toEqual([
    'create table if not exists public.rubicon_hidden_t as select * from only public.t with no data',
    'alter table public.rubicon_hidden_t enable row level security',
  ]);
  expect(sqlOf(moveOutStatements(plan, 'id', equalities))).toEqual([
    'set local session_replication_role = replica',
    `set local rubicon.moving = 'id'`,
    expect.stringMatching(/^with gone as \(delete from only public\.t .* insert into public\.rubicon_hidden_t/),
  ]);
  expect(sqlOf(unhideStatements(plan))).toEqual(['drop table if exists public.rubicon_hidden_t']);
  const back = sqlOf(undoStatements(plan, new Map([['public.t', ['id', 'tenant']]])));
  expect([back[0], ...back.slice(-3)]).toEqual([
    'begin',
    'insert into public.t (id, tenant) overriding system value select id, tenant from public.rubicon_hidden_t',
    'drop table if exists public.rubicon_hidden_t',
    'commit',
  ]);
});

test('drop: the table beside; half restored rows are deleted by their condition', () => {
  expect(sqlOf(takeAwayStatements(plan)).at(-1)).toBe('drop table public.rubicon_hidden_t');
  expect(sqlOf(dropRestoredStatements(plan, equalities)).at(-1)).toBe(`delete from only public.t where tenant = '42'`);
});
