import { shownPart } from '../contract/text/object-name';
import { type Plan } from '../contract/plan/plan';
import { lastName, placeOf } from '../contract/plan/places';
import type { ValueRemoval, ReplacedRemoval } from '../contract/plan/removal';
import { withValues } from '../contract/plan/removals';
import { derivedName } from './derived-name';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import { isReplaced } from './saved-values/kept-by';
import { newPlaceholder } from './saved-values/placeholder';
import { differ, isSet, isUnset, sameBytes } from './saved-values/same-bytes';
import type { Statement } from './statement';

/**
 * From the moment a removed column is back until the old release serves, the new one goes on writing rows without a key.
 * A release that reads the key would show them to everybody. So the server gives each of them the placeholder, which is
 * nobody's key, as it is written; the fill replaces it where the hash is known. Where nothing replaces a value there is
 * nobody to close a row to; there it only marks the column, or the table, as ours and not finished.
 */
export const guardStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  withValues(plan).flatMap((removal) => {
    const { onInsert, onUpdate } = guardTriggers(removal);
    if (!isReplaced(removal))
      return trigger(removal, {
        name: onInsert,
        event: 'insert',
        when: 'false',
        why: `Marks ${lastName(removal)} as not finished`,
      });
    const why = `Makes a row that is written without ${shownPart(removal.column)} inaccessible until it is filled`;
    return [
      ...trigger(removal, { name: onInsert, event: 'insert', when: open(removal), why }),
      ...trigger(removal, { name: onUpdate, event: 'update', when: changed(removal), why }),
    ];
  });

/**
 * Marks that a platform's tool has been told to build them: whatever it builds, or leaves half-way, is ours to take away
 * again. Needs no column to lean on.
 */
export const beginStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  withValues(plan).flatMap((removal) =>
    trigger(removal, {
      name: begunTrigger(removal),
      event: 'insert',
      when: 'false',
      why: `Marks that a tool is building ${lastName(removal)} again`,
    }),
  );

/** Ends it; nothing happens where there is none. */
export const unguardStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  withValues(plan).flatMap((removal) => {
    const { onInsert, onUpdate } = guardTriggers(removal);
    return [onInsert, onUpdate, begunTrigger(removal)].map((name) => ({
      sql: `drop trigger if exists ${quoteIdentifier(name)} on ${qualifiedName(removal)}`,
      why: 'The old release writes keys itself',
    }));
  });

/** Triggers run in the order of their names: these see what the application's have made of the row. */
export function guardTriggers(removal: ValueRemoval): { onInsert: string; onUpdate: string } {
  const name = lastName(removal);
  return {
    onInsert: derivedName('zz_rubicon_guard_insert_', name),
    onUpdate: derivedName('zz_rubicon_guard_update_', name),
  };
}

/** Name of the mark that {@link beginStatements} makes. */
export const begunTrigger = (removal: ValueRemoval): string =>
  derivedName('zz_rubicon_guard_begun_', lastName(removal));

interface Trigger {
  name: string;
  event: 'insert' | 'update';
  when: string;
  why: string;
}

function trigger(removal: ValueRemoval, { name, event, when, why }: Trigger): Statement[] {
  const table = qualifiedName(removal);
  const quoted = quoteIdentifier(name);
  const { column } = placeOf(removal);
  const call = `rubicon.close_row(${column === undefined ? '' : quoteLiteral(column)})`;
  return [
    { sql: `drop trigger if exists ${quoted} on ${table}`, why: 'Left by an earlier attempt' },
    {
      sql: `create trigger ${quoted} before ${event} on ${table} for each row when (${when}) execute function ${call}`,
      why,
    },
    {
      sql: `alter table ${table} enable always trigger ${quoted}`,
      why: 'Also for a session in replica mode',
    },
  ];
}

const open = ({ column, replacedBy }: ReplacedRemoval): string =>
  `${isUnset(`new.${quoteIdentifier(column)}`)} and ${isSet(`new.${quoteIdentifier(replacedBy)}`)}`;

/** Or a key stays beside another one's hash. */
function changed(removal: ReplacedRemoval): string {
  const [removed, replacement] = [quoteIdentifier(removal.column), quoteIdentifier(removal.replacedBy)];
  const stale =
    `${differ([`new.${replacement}`], [`old.${replacement}`])} and ` +
    sameBytes([`new.${removed}`], [`old.${removed}`]);
  return `${isSet(`new.${replacement}`)} and (${isUnset(`new.${removed}`)} or ${stale})`;
}

/** Whether a table has any. `$1` schema, `$2` table, `$3` names. */
export const findGuard = `select from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = $1 and c.relname = $2 and t.tgname = any ($3::text[]) and not t.tgisinternal`;

/** Between the dollars, as the catalogue has it. */
export const closeRowSource = `
begin
  return jsonb_populate_record(new, jsonb_build_object(tg_argv[0], ${newPlaceholder}));
end
`;

/** What the triggers call. Installed once, by the database administrator. */
export const closeRow = `create or replace function rubicon.close_row() returns trigger language plpgsql as $function$${closeRowSource}$function$`;
