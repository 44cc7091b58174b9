import { commentText } from './make-tables';
import type { Column, Making, Table } from './making';
import { literal, quoted } from './names';

/** Triggers, rules and views. `about`: a column that they name; without one they do without any that goes. */

const audit = (making: Making): string =>
  making.add({
    id: 'audit',
    statements: [
      {
        at: 'functions',
        sql:
          'create table public.fuzz_audit (what text, at timestamptz); ' +
          'create function public.fuzz_audit() returns trigger language plpgsql security definer as ' +
          "$$ begin insert into public.fuzz_audit values (tg_op || ' ' || tg_level, now()); return null; end $$; " +
          'create function public.fuzz_pass() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$',
      },
    ],
  });

export function makeTrigger(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const name = quoted(making.name());
  const column = about ?? draw.pick(table.key.length > 0 ? table.key : table.columns);
  const of = about !== undefined || draw.chance(0.3) ? ` of ${quoted(column.name)}` : '';
  const when = draw.chance(0.3) ? ` when (new.${quoted(column.name)} is not null)` : '';
  const forms: [string, string][] = [
    [
      'row trigger',
      `trigger ${name} before update${of} on ${table.sql} for each row${when} execute function public.fuzz_pass()`,
    ],
    [
      'row trigger, after',
      `trigger ${name} after insert or update${of} or delete on ${table.sql} for each row execute function public.fuzz_audit('x')`,
    ],
    [
      'constraint trigger',
      `constraint trigger ${name} after insert or update${of} on ${table.sql} deferrable initially deferred for each row execute function public.fuzz_audit()`,
    ],
    [
      'statement trigger',
      `trigger ${name} after update${of} or truncate on ${table.sql} for each statement execute function public.fuzz_audit()`,
    ],
  ];
  if (of === '' && table.kind === 'plain')
    forms.push([
      'trigger with transition tables',
      `trigger ${name} after update on ${table.sql} referencing old table as o new table as n for each statement execute function public.fuzz_audit()`,
    ]);
  const [feature, sql] = draw.pick(forms);
  const needs = [table.id, audit(making), ...(of + when === '' ? [] : [column.id])];
  const id = making.say({
    feature: about ? [feature, 'trigger of the column'] : feature,
    at: 'code',
    sql: `create ${sql}`,
    needs,
  });
  const state = draw.weighted([
    [5, ''],
    [1, 'disable'],
    [1, 'enable always'],
    [1, 'enable replica'],
  ] as const);
  if (state !== '')
    making.say({
      feature: `trigger, ${state}`,
      at: 'views',
      sql: `alter table ${table.sql} ${state} trigger ${name}`,
      needs: [id],
    });
  if (draw.chance(0.2))
    making.say({
      feature: 'comment on a trigger',
      at: 'comments',
      sql: `comment on trigger ${name} on ${table.sql} is ${commentText(making)}`,
      needs: [id],
    });
}

/** A rule that does something else besides. */
export function makeRule(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const column = about ?? table.columns[0];
  if (column === undefined) return;
  const name = quoted(making.name());
  const condition = about ? `new.${quoted(column.name)} is null and false` : 'false';
  making.say({
    ...{
      feature: about ? ['rule', 'rule on the column'] : 'rule',
      at: 'code',
      needs: [table.id, column.id, audit(making)],
    },
    sql: `create rule ${name} as on update to ${table.sql} where ${condition} do also insert into public.fuzz_audit values ('rule', now())`,
  });
  if (draw.chance(0.3))
    making.say({
      feature: 'comment on a rule',
      at: 'comments',
      sql: `comment on rule ${name} on ${table.sql} is ${commentText(making)}`,
      needs: [making.parts.at(-1)?.id ?? ''],
    });
}

/** A view, or a materialized one; maybe another one on top. */
export function makeView(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const columns = about ? [about] : table.key.length > 0 ? table.key : table.columns.slice(0, 1);
  const isStored = draw.chance(0.3);
  const isPublic = draw.chance(0.6);
  const schema = isPublic ? 'public' : table.schema;
  const name = `${quoted(schema)}.${quoted(making.name())}`;
  const names = columns.map((each) => quoted(each.name)).join(', ');
  const options = isStored ? '' : draw.pick(['', ' with (security_barrier)', ' with (security_invoker)']);
  const populated = isStored && draw.chance(0.3) ? ' with no data' : '';
  const id = making.say({
    feature: [isStored ? 'materialized view' : 'view', ...(about ? ['view on the column'] : [])],
    ...{ at: 'views', needs: [table.id, ...columns.map((each) => each.id)] },
    server: columns.map(({ type }) => type.server).find((need) => need !== undefined),
    sql: `create ${isStored ? 'materialized view' : 'view'} ${name}${options} as select ${names} from ${table.sql}${populated}; alter ${isStored ? 'materialized view' : 'view'} ${name} owner to ${quoted(table.owner)}`,
  });
  if (!isStored && draw.chance(0.3))
    making.say({
      feature: 'view on a view',
      at: 'views',
      sql: `create view public.${quoted(making.name())} as select * from ${name}`,
      needs: [id],
    });
}

/** A function whose source names the column or table; by chance it means another one, or the server knows that it does. */
export function makeFunctionNaming(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const name = about?.name ?? table.name;
  const reads = `select count(${about ? quoted(about.name) : '*'})::text from ${table.sql}`;
  const [feature, body] = draw.weighted([
    [4, ['function that names it', `language plpgsql as ${literal(`begin return (${reads}); end`)}`]],
    [3, ['function with the same word', `language sql as ${literal(`select ${literal(`the word ${name}`)}::text`)}`]],
    [3, ['function, begin atomic', `begin atomic ${reads}; end`]],
  ] as const);
  making.say({
    ...{ feature, at: 'views', needs: [table.id, ...(about ? [about.id] : [])], server: about?.type.server },
    sql: `create function public.${quoted(making.name())}() returns text ${body}`,
  });
}

/** One that only tells, and is not asked whether it may. */
export function makeEventTrigger(making: Making): void {
  const { draw } = making;
  const name = quoted(making.name());
  const event = draw.pick(['ddl_command_end', 'sql_drop', 'ddl_command_start', 'table_rewrite']);
  const tags = draw.chance(0.3) && event !== 'table_rewrite' ? ` when tag in ('CREATE VIEW')` : '';
  const made = making.add({
    id: 'event function',
    statements: [
      {
        at: 'functions',
        sql: `create function public.fuzz_told() returns event_trigger language plpgsql as $$ begin perform 1; end $$`,
      },
    ],
  });
  making.say({
    ...{
      feature: [`event trigger on ${event}`, ...(tags ? ['event trigger of a tag'] : [])],
      at: 'event triggers',
      needs: [made],
    },
    sql: `create event trigger ${name} on ${event}${tags} execute function public.fuzz_told()`,
  });
}

/** A generated column that needs this one. */
export function makeGeneratedFrom(making: Making, table: Table, about: Column): void {
  const name = making.name();
  const expression = `octet_length(${quoted(about.name)})`;
  if (about.type.textual !== true || about.type.name === 'name') return;
  const text = `${quoted(name)} int generated always as (${expression}) stored`;
  making.add({
    ...{ id: `${table.id}.${name}`, features: ['generated column from the column'], needs: [table.id, about.id] },
    line: { table: table.id, text },
  });
}
