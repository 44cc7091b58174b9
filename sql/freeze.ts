import { shownPart } from '../contract/text/object-name';
import { type Plan } from '../contract/plan/plan';
import {
  isColumn,
  isRows,
  removalsOf,
  type ColumnRemoval,
  type Removal,
  type RowsRemoval,
} from '../contract/plan/removals';
import { derivedName } from './derived-name';
import type { Equalities } from './goes';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import { isReplaced } from './saved-values/kept-by';
import { differ, isSet } from './saved-values/same-bytes';
import type { Statement } from './statement';
import { rowFreezeConditions, rowFreezeTriggers, type RowEvent } from './some-rows';
import { refuseTableWrites, tableFreezeTrigger } from './whole-table';

/**
 * While a column is frozen nobody can set or change what will die, nor the replacement of a row that has it: what is
 * copied afterwards is all there is. Two triggers a column. Their conditions are kept by the server with the column's
 * number, so they go on holding when it is hidden; `after`, since a `before` trigger of the application could still
 * change the row; `always`, since otherwise a replica role would pass. A table has one, which refuses whole statements.
 */

/** SQLSTATE of a refused write; a class of our own, so that nobody takes it for something else. */
export const frozenState = 'RB001';

/** Begins the comment on each trigger; the rest is the freeze's id. */
const commentStart = 'rubicon freeze ';

/** Names of the triggers that freeze one of them. */
export function freezeTriggers(removal: Removal): string[] {
  if (isColumn(removal)) return Object.values(columnTriggers(removal));
  return isRows(removal) ? Object.values(rowFreezeTriggers) : [tableFreezeTrigger];
}

const columnTriggers = ({ column }: Pick<ColumnRemoval, 'column'>): { onInsert: string; onUpdate: string } => ({
  onInsert: derivedName('rubicon_freeze_insert_', column),
  onUpdate: derivedName('rubicon_freeze_update_', column),
});

/** In one transaction, in the one order of {@link removalsOf}. Waits for writers in flight. `id` names this freeze. */
export function freezeStatements(plan: Pick<Plan, 'removes'>, id: string, equalities: Equalities): Statement[] {
  return removalsOf(plan).flatMap((removal) => {
    if (isRows(removal)) return freezeRows(removal, id, equalities);
    if (!isColumn(removal)) return [refuseTableWrites(removal), ...alwaysOn(removal, id, tableFreezeTrigger)];
    const { onInsert, onUpdate } = columnTriggers(removal);
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
  });
}

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

function freezeRows(removal: RowsRemoval, id: string, equalities: Equalities): Statement[] {
  const table = qualifiedName(removal);
  const call = 'execute function rubicon.refuse_write()';
  const conditions = Object.entries(rowFreezeConditions(removal, id, equalities)) as [RowEvent, string][];
  return [
    ...conditions.flatMap(([event, when]) => [
      {
        sql: `create trigger ${rowFreezeTriggers[event]} after ${event} on ${table} for each row when (${when}) ${call}`,
        why: `Refuses the ${event} of a row that goes`,
      },
      ...alwaysOn(removal, id, rowFreezeTriggers[event]),
    ]),
    {
      sql: `create trigger ${rowFreezeTriggers.truncate} before truncate on ${table} for each statement ${call}`,
      why: 'It would take them along',
    },
    ...alwaysOn(removal, id, rowFreezeTriggers.truncate),
  ];
}

function alwaysOn(removal: Removal, id: string, name: string): Statement[] {
  const table = qualifiedName(removal);
  const quoted = quoteIdentifier(name);
  return [
    {
      sql: `alter table ${table} enable always trigger ${quoted}`,
      why: 'Also for a session with the role of a replica',
    },
    {
      sql: `comment on trigger ${quoted} on ${table} is ${quoteLiteral(commentStart + id)}`,
      why: 'Whose freeze it is',
    },
  ];
}

/** Ends the freeze; nothing happens where there is none. */
export const unfreezeStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  removalsOf(plan).flatMap((removal) =>
    freezeTriggers(removal).map((name) => ({
      sql: `drop trigger if exists ${quoteIdentifier(name)} on ${qualifiedName(removal)}`,
      why: 'Ends the freeze',
    })),
  );

/** Between the dollars, as the catalogue has it. A function of that name with another source may let writes through. */
export const refuseWriteSource = `
begin
  raise exception '% of table % is frozen: it is being taken out of use', coalesce('column ' || tg_argv[0], 'a row'), tg_table_name
    using errcode = '${frozenState}', hint = 'a release that does not write it is needed; see the rollout that is under way';
end
`;

/** What the triggers call. Installed once, by the database administrator. */
export const refuseWrite = `create or replace function rubicon.refuse_write() returns trigger language plpgsql as $function$${refuseWriteSource}$function$`;

/** Triggers of a freeze as the catalogue has them. `$1` schema, `$2` tables, `$3` names. Rows: `name`, `enabled`, `id`. */
export const readFreezeTriggers = `select t.tgname as name, t.tgenabled = 'A' as enabled,
  case when starts_with(obj_description(t.oid, 'pg_trigger'), '${commentStart}')
       then substr(obj_description(t.oid, 'pg_trigger'), ${commentStart.length + 1}) end as id
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = $1 and c.relname = any ($2::text[]) and t.tgname = any ($3::text[]) and not t.tgisinternal`;
