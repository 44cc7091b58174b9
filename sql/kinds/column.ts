import { shortName, shownPart } from '../../contract/text/object-name';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { derivedName } from '../derived-name';
import { forecastFill } from '../fill';
import { hiddenColumn } from '../hidden-name';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../identifier';
import { forecastProven } from '../saved-values/fill-proven';
import { isProvenByRow, isReplaced } from '../saved-values/kept-by';
import { differ, isSet } from '../saved-values/same-bytes';
import { hasValue } from '../saved-values/saved-value';
import type { Statement } from '../statement';
import { alwaysOn, endFreeze } from './freeze-trigger';
import type { ValueSqlKind } from './kind';

/**
 * A column of a table that stays. It is hidden by a rename: indexes, defaults, rights and the freeze go along, and whoever
 * still names it fails (42703).
 */
export const column: ValueSqlKind<ColumnRemoval> = {
  hidden: (removal) => ({ ...removal, column: hiddenColumn(removal.column) }),
  freezeTriggers: (removal) => Object.values(triggersOf(removal)),
  movesWithTable: false,
  freeze,
  hide: (removal) => [
    {
      sql: rename(removal, removal.column, hiddenColumn(removal.column)),
      why: `Anyone who still needs ${shortName(removal)} notices now, while one statement undoes it`,
    },
  ],
  moveOut: () => [],
  unhide: (all) => all.map(unhideOne),
  undoRemoval: (all) => [...all.map(unhideOne), ...all.flatMap(unfreeze)],
  drop: (all) => [...all.flatMap(unfreeze), ...dropColumns(all, hiddenColumn)],
  dropRestored: (all) => dropColumns(all, (name) => name, ' if exists'),
  hasValueHidden: (removal) => hasValue(column.hidden(removal), []),
  forecast: (all, { known, proof, typeOf }) => {
    const typed = all.map((removal) => ({ ...removal, type: typeOf(removal) }));
    if (proof === undefined || all.every(isReplaced)) return forecastFill(typed, known);
    return forecastProven(
      typed.flatMap((removal) => (isProvenByRow(removal) ? [{ removal, proof, type: removal.type }] : [])),
    );
  },
};

/**
 * Two triggers. Their conditions are kept by the server with the column's number, so they go on holding when it is hidden;
 * `after`, since a `before` trigger of the application could still change the row.
 */
function freeze(removal: ColumnRemoval, id: string): Statement[] {
  const { onInsert, onUpdate } = triggersOf(removal);
  return [
    ...trigger(removal, id, {
      name: onInsert,
      event: 'insert',
      when: isSet(`new.${quoteIdentifier(removal.column)}`),
      why: `Refuses a new row with ${shownPart(removal.column)}`,
    }),
    ...trigger(removal, id, {
      name: onUpdate,
      event: 'update',
      when: changed(removal),
      why: `Refuses a change of ${shownPart(removal.column)}${alsoOf(removal)}`,
    }),
  ];
}

const unfreeze = (removal: ColumnRemoval): Statement[] => endFreeze(removal, column.freezeTriggers(removal));

const triggersOf = ({ column: name }: ColumnRemoval): { onInsert: string; onUpdate: string } => ({
  onInsert: derivedName('rubicon_freeze_insert_', name),
  onUpdate: derivedName('rubicon_freeze_update_', name),
});

/** A value must stay beside what it is found again by. Any other byte is a change: the copy has the old ones. */
function changed(removal: ColumnRemoval): string {
  const of = (row: 'new' | 'old') => (name: string) => `${row}.${quoteIdentifier(name)}`;
  const isChanged = (names: readonly string[]): string => differ(names.map(of('new')), names.map(of('old')));
  const isKept = isSet(of('old')(removal.column));
  return `${isChanged([removal.column])} or (${isKept} and ${isChanged(keysOf(removal))})`;
}

const keysOf = (removal: ColumnRemoval): string[] => (isReplaced(removal) ? [removal.replacedBy] : removal.primaryKey);

const alsoOf = (removal: ColumnRemoval): string =>
  `, and of ${keysOf(removal).map(shownPart).join(', ')} where ${shownPart(removal.column)} is set`;

interface Trigger {
  name: string;
  event: 'insert' | 'update';
  when: string;
  why: string;
}

function trigger(removal: ColumnRemoval, id: string, { name, event, when, why }: Trigger): Statement[] {
  const table = qualifiedName(removal);
  const quoted = quoteIdentifier(name);
  const call = `rubicon.refuse_write(${quoteLiteral(removal.column)})`;
  return [
    {
      sql: `create trigger ${quoted} after ${event} on ${table} for each row when (${when}) execute function ${call}`,
      why,
    },
    ...alwaysOn(removal, id, name),
  ];
}

const unhideOne = (removal: ColumnRemoval): Statement => ({
  sql: rename(removal, hiddenColumn(removal.column), removal.column),
  why: `${shortName(removal)} is there again as it was`,
});

const rename = (removal: ColumnRemoval, from: string, to: string): string =>
  `alter table ${qualifiedName(removal)} rename column ${quoteIdentifier(from)} to ${quoteIdentifier(to)}`;

/** All columns of a table in one statement, so that each lock is taken once, and late. */
function dropColumns(all: readonly ColumnRemoval[], nameOf: (column: string) => string, how = ''): Statement[] {
  const removedOf = new Map<string, string[]>();
  for (const removal of all) {
    const table = qualifiedName(removal);
    removedOf.set(table, [...(removedOf.get(table) ?? []), quoteIdentifier(nameOf(removal.column))]);
  }
  return [...removedOf].map(([table, columns]) => ({
    sql: `alter table ${table} ${columns.map((name) => `drop column${how} ${name}`).join(', ')}`,
    why: `Removes ${columns.join(' and ')} and every index that names ${columns.length === 1 ? 'it' : 'them'} from ${table}`,
  }));
}
