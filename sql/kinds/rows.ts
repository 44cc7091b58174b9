import { shortName } from '../../contract/text/object-name';
import { placeName } from '../../contract/plan/places';
import type { RowsRemoval } from '../../contract/plan/removal';
import { removedWhere, type Equalities } from '../condition';
import { hiddenTable } from '../hidden-name';
import { qualifiedName, quoteLiteral } from '../identifier';
import { forecastTables } from '../refill-table';
import { anyToRemove, forecastRows, moveAllBack, moveOut, moveQuietly, movingSetting } from '../some-rows';
import type { Statement } from '../statement';
import { alwaysOn, endFreeze } from './freeze-trigger';
import type { ValueSqlKind } from './kind';

/**
 * Some rows of a table that stays, such as those of one tenant. They are hidden by moving them into a table beside it, in
 * batches; the drop is the drop of that table, so that it is one short transaction all the same.
 */
export const rows: ValueSqlKind<RowsRemoval> = {
  hidden: (removal) => ({ ...removal, table: hiddenTable(removal.table) }),
  find: anyToRemove,
  freezeTriggers: () => Object.values(triggers),
  movesWithTable: false,
  freeze,
  hide: makeHiddenTable,
  moveOut: (all, id, equalities) => [...moveQuietly(id), ...all.map((removal) => moveOut(removal, equalities))],
  unhide: (all) => [dropHidden(all, 'Empty, once all of its rows were moved back', ' if exists')],
  // In one transaction, which an activity does in batches: without it a statement that fails would be followed by one that drops them.
  undoRemoval: (all, columns) => [
    { sql: 'begin', why: 'All of it, or nothing' },
    {
      sql: 'set local session_replication_role = replica',
      why: 'To the application a move must not look like a change',
    },
    ...all.flatMap(unfreeze),
    ...all.map((removal) => moveAllBack(removal, columns.get(placeName(removal)))),
    ...rows.unhide(all),
    { sql: 'commit', why: 'Only where nothing has failed' },
  ],
  drop: (all) => [...all.flatMap(unfreeze), dropHidden(all, 'Removes the hidden rows')],
  dropRestored: (all, equalities) => all.flatMap((removal) => deleteAgain(removal, equalities)),
  hasValueHidden: () => 'true', // they have a table of their own then
  forecast: (all, { isGuarded }) => (isGuarded ? forecastTables : forecastRows(all)),
};

const triggers = {
  insert: 'rubicon_freeze_rows_insert',
  update: 'rubicon_freeze_rows_update',
  delete: 'rubicon_freeze_rows_delete',
  truncate: 'rubicon_freeze_rows_truncate',
} as const;

type RowEvent = 'insert' | 'update' | 'delete';

function freeze(removal: RowsRemoval, id: string, equalities: Equalities): Statement[] {
  const table = qualifiedName(removal);
  const call = 'execute function rubicon.refuse_write()';
  const conditions = Object.entries(conditionsFor(removal, id, equalities)) as [RowEvent, string][];
  return [
    ...conditions.flatMap(([event, when]) => [
      {
        sql: `create trigger ${triggers[event]} after ${event} on ${table} for each row when (${when}) ${call}`,
        why: `Refuses the ${event} of a row that will be deleted`,
      },
      ...alwaysOn(removal, id, triggers[event]),
    ]),
    {
      sql: `create trigger ${triggers.truncate} before truncate on ${table} for each statement ${call}`,
      why: 'It would delete them, too',
    },
    ...alwaysOn(removal, id, triggers.truncate),
  ];
}

const unfreeze = (removal: RowsRemoval): Statement[] => endFreeze(removal, rows.freezeTriggers(removal));

/** By event: when a freeze of these rows refuses a write. */
function conditionsFor(removal: RowsRemoval, id: string, equalities: Equalities): Record<RowEvent, string> {
  const byOthers = `current_setting('${movingSetting}', true) is distinct from ${quoteLiteral(id)}`;
  const [before, after] = [
    `(${removedWhere(removal, equalities, 'old.')})`,
    `(${removedWhere(removal, equalities, 'new.')})`,
  ];
  return {
    insert: `${after} and ${byOthers}`,
    update: `(${before} or ${after}) and ${byOthers}`,
    delete: `${before} and ${byOthers}`,
  };
}

/**
 * Safe to run twice. Default privileges may let others read a new table: without a policy they see nothing in it. Without a
 * constraint of the table's, also NOT NULL, which since PostgreSQL 18 old rows need not fulfil: whatever is there fits.
 */
function makeHiddenTable(removal: RowsRemoval): Statement[] {
  const hidden = qualifiedName(rows.hidden(removal));
  return [
    {
      sql: `create table if not exists ${hidden} as select * from only ${qualifiedName(removal)} with no data`,
      why: `Where the rows of ${shortName(removal)} are hidden`,
    },
    {
      sql: `alter table ${hidden} enable row level security`,
      why: 'Roles that may read new tables see no row of it',
    },
  ];
}

const dropHidden = (all: readonly RowsRemoval[], why: string, ifExists = ''): Statement => ({
  sql: `drop table${ifExists} ${all.map((removal) => qualifiedName(rows.hidden(removal))).join(', ')}`,
  why,
});

/** Half restored ones of a rehearsal, in staging. */
const deleteAgain = (removal: RowsRemoval, equalities: Equalities): Statement[] => [
  { sql: 'set local session_replication_role = replica', why: 'Must not look like a change to the application' },
  {
    sql: `delete from only ${qualifiedName(removal)} where ${removedWhere(removal, equalities)}`,
    why: 'Rows that were half restored',
  },
];
