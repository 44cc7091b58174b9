import { parseColumnName, type TableName } from '../contract/text/object-name';
import type { Plan } from '../contract/plan/plan';
import { removedFrom } from '../contract/plan/places';
import { removalsOf } from '../contract/plan/removals';
import { hiddenColumn } from './hidden-name';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './identifier';
import { readSelect } from './statements/select-statement';
import type { Statement } from './statement';

/**
 * The role as which statements of a plan are run, where a database administrator has made one: it may read the tables that
 * they name, except what will be removed. Each plan has its own, since another plan's statements may read what this one removes.
 */
export const readerOf = (plan: string): string => `rubicon_reader_${plan.replaceAll('-', '_')}`.slice(0, 63);

/**
 * Makes the role, or gives it again what this plan needs; safe to run twice, and to be run again after columns were added.
 * `role` is that of the worker, which becomes the reader for the time of a statement. None for a plan without statements.
 */
export function readerStatements(plan: Plan, role: string | undefined): Statement[] {
  const reader = quoteIdentifier(readerOf(plan.name));
  const tables = tablesOf(plan);
  if (tables.length === 0) return [];
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  return [
    {
      sql: `do $$ begin\n  create role ${reader} nologin;\nexception when duplicate_object then null;\nend $$`,
      why: `Runs the statements of plan ${plan.name}; it cannot log in`,
    },
    ...(role === undefined
      ? []
      : [{ sql: `grant ${reader} to ${quoteIdentifier(role)}`, why: 'The worker switches to it for a statement' }]),
    ...schemas.map((schema) => ({
      sql: `grant usage on schema ${quoteIdentifier(schema)} to ${reader}`,
      why: 'It sees the tables that they name',
    })),
    ...tables.map((table) => ({
      sql: grantStaying(table, namesThatGo(table, plan), reader),
      why: `It reads ${qualifiedName(table)}, except what will be removed`,
    })),
  ];
}

/** All that its statements name, each once. */
function tablesOf(plan: Plan): TableName[] {
  const removals = removalsOf(plan);
  const texts = [...plan.queries.map(({ sql }) => sql), ...plan.probes.flatMap(({ sample }) => sample ?? [])];
  const named = [
    ...plan.queries.map(({ sample }) => parseColumnName(sample)),
    ...texts.flatMap((text) => readSelect(text, removals).reach.tables),
  ];
  const names = new Map(named.map(({ schema, table }) => [qualifiedName({ schema, table }), { schema, table }]));
  return [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, table]) => table);
}

/** Also while they are hidden. */
const namesThatGo = (table: TableName, plan: Plan): string[] =>
  removedFrom(table, removalsOf(plan)).flatMap((column) => [column, hiddenColumn(column)]);

/** A right to the whole table would be one to every column, and to those that come. */
function grantStaying(table: TableName, beingRemoved: readonly string[], reader: string): string {
  const name = qualifiedName(table);
  const stays = beingRemoved.map((column) => `\n   and attname <> ${quoteLiteral(column)}`).join('');
  return `do $$ declare staying text; begin
  select string_agg(quote_ident(attname), ', ') into staying from pg_attribute
   where attrelid = ${quoteLiteral(name)}::regclass and attnum > 0 and not attisdropped${stays};
  revoke all on ${name} from ${reader};
  execute format('grant select (%s) on ${name.replaceAll("'", "''").replaceAll('%', '%%')} to ${reader}', staying);
end $$`;
}
