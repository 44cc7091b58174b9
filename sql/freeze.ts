import type { ValueRemoval } from '../contract/plan/removal';
import { withValues } from '../contract/plan/removals';
import type { Plan } from '../contract/plan/plan';
import type { Equalities } from './condition';
import { commentStart, endFreeze } from './kinds/freeze-trigger';
import { valueStatementsOf, valueVerbsOf } from './kinds/kinds';
import type { Statement } from './statement';

/**
 * While something is frozen nobody can set or change what will die, nor the replacement of a row that has it: what is
 * copied afterwards is all there is. By triggers that are `always` on, since otherwise a replica role would pass.
 */

/** SQLSTATE of a refused write; a class of our own, so that nobody takes it for something else. */
export const frozenState = 'RB001';

/** Names of the triggers that freeze one of them. */
export const freezeTriggers = (removal: ValueRemoval): string[] => valueVerbsOf(removal).freezeTriggers(removal);

/** In one transaction, in the one order of {@link withValues}. Waits for writers in flight. `id` names this freeze. */
export const freezeStatements = (plan: Pick<Plan, 'removes'>, id: string, equalities: Equalities): Statement[] =>
  valueStatementsOf(plan, ({ freeze }, all) => all.flatMap((removal) => freeze(removal, id, equalities)));

/** Ends the freeze; nothing happens where there is none. */
export const unfreezeStatements = (plan: Pick<Plan, 'removes'>): Statement[] =>
  withValues(plan).flatMap((removal) => endFreeze(removal, freezeTriggers(removal)));

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
