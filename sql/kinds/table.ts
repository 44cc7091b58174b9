import { shortName } from '../../contract/text/object-name';
import type { TableRemoval } from '../../contract/plan/removal';
import { hiddenTable } from '../hidden-name';
import { qualifiedName, quoteIdentifier } from '../identifier';
import { forecastTables } from '../refill-table';
import type { Statement } from '../statement';
import { alwaysOn, endFreeze } from './freeze-trigger';
import type { ValueSqlKind } from './kind';

/**
 * A table that goes with all its rows. It is hidden by a rename, a change of the catalogue alone: indexes, rights, sequences,
 * foreign keys and the freeze go along, and whoever still names it fails (42P01).
 */
export const table: ValueSqlKind<TableRemoval> = {
  hidden: (removal) => ({ ...removal, table: hiddenTable(removal.table) }),
  freezeTriggers: () => [freezeTrigger],
  movesWithTable: true,
  freeze: (removal, id) => [refuseWrites(removal), ...alwaysOn(removal, id, freezeTrigger)],
  hide: (removal) => [
    {
      sql: `alter table ${qualifiedName(removal)} rename to ${quoteIdentifier(hiddenTable(removal.table))}`,
      why: `Anyone who still needs ${shortName(removal)} notices now, while one statement undoes it`,
    },
  ],
  moveOut: () => [],
  unhide: (all) => all.map(unhideOne),
  undoRemoval: (all) => [...all.map(unhideOne), ...all.flatMap((removal) => endFreeze(removal, [freezeTrigger]))],
  // In one statement, since they may point at each other. Without CASCADE: whatever else leans on one makes the server refuse.
  drop: (all) => [
    {
      sql: `drop table ${all.map(hiddenName).join(', ')}`,
      why: `Removes ${all.map(shortName).join(' and ')} with rows, indexes, triggers and sequences`,
    },
  ],
  dropRestored: (all) => [
    {
      sql: `drop table ${all.map(qualifiedName).join(', ')}`,
      why: `${all.map(shortName).join(' and ')} half restored`,
    },
  ],
  hasValueHidden: () => 'true',
  forecast: () => forecastTables,
};

/** Refuses every statement that writes, also one that would touch no row. */
const freezeTrigger = 'rubicon_freeze_write';

const refuseWrites = (removal: TableRemoval): Statement => ({
  sql:
    `create trigger ${freezeTrigger} before insert or update or delete or truncate on ${qualifiedName(removal)} ` +
    'for each statement execute function rubicon.refuse_write()',
  why: `Refuses every write to ${shortName(removal)}`,
});

const unhideOne = (removal: TableRemoval): Statement => ({
  sql: `alter table ${hiddenName(removal)} rename to ${quoteIdentifier(removal.table)}`,
  why: `${shortName(removal)} is there again as it was`,
});

const hiddenName = (removal: TableRemoval): string => qualifiedName(table.hidden(removal));
