import { parseArgs } from 'node:util';
import { shown } from '../../contract/text/faults';
import { columnNameSchema, indexNameSchema, ownNameSchema, tableNameSchema } from '../../contract/text/object-name';
import type { Removes } from '../../contract/plan/removals';

/** What `plan new` answers to `--help`, and below every fault of usage. */
export const planNewUsage = `Usage: rubicon plan new NAME WHAT [--config rubicon.yaml] [--target NAME] [--folder plans]
WHAT is of one kind; each option as often as you need it:
  --drop table.column                       columns
  --drop-table table                        whole tables
  --delete-rows table --where column=value  rows of tables, all of them chosen by the same values
  --detach partition                        old partitions of partitioned tables
  --drop-index index                        indexes of tables that stay
  --external "bucket old-exports"           something outside the database
Looks into the staging database of the settings, changes nothing there, and writes FOLDER/NAME/plan.yaml. What no database
can tell is marked "fill in".`;

/** What is asked for. */
export interface PlanNewOrder {
  name: string;
  /** Entries of the new plan, as far as the command line says them; of one kind. */
  removes: Removes;
  /** Where plans are; the new one gets a folder below. Default `plans`. */
  folder: string;
  /** Settings file; undefined: RUBICON_CONFIG, else `rubicon.yaml`. */
  config: string | undefined;
  /** Undefined: the only one of the settings. */
  target: string | undefined;
}

const options = {
  drop: { type: 'string', multiple: true, default: [] as string[] },
  'drop-table': { type: 'string', multiple: true, default: [] as string[] },
  'delete-rows': { type: 'string', multiple: true, default: [] as string[] },
  where: { type: 'string', multiple: true, default: [] as string[] },
  detach: { type: 'string', multiple: true, default: [] as string[] },
  'drop-index': { type: 'string', multiple: true, default: [] as string[] },
  external: { type: 'string', multiple: true, default: [] as string[] },
  config: { type: 'string' },
  target: { type: 'string' },
  folder: { type: 'string', default: 'plans' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws what `parseArgs` throws for an option that there is not */
export function readPlanNew(args: string[]): { order: PlanNewOrder } | { faults: string[] } | 'help' {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (values.help === true) return 'help';
  const [name, ...more] = positionals;
  const conditions = values.where.map(condition);
  const faults = [
    ...(name === undefined || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)
      ? [`expected a name of lower-case letters, digits and hyphens, found ${shown(name ?? 'none')}`]
      : []),
    ...(more.length > 0 ? [`expected one name, found ${positionals.join(' ')}`] : []),
    ...kindFaults(values),
    ...values.drop.flatMap((column) => faultsOf('--drop', columnNameSchema, column)),
    ...values['drop-table'].flatMap((table) => faultsOf('--drop-table', tableNameSchema, table)),
    ...values['delete-rows'].flatMap((table) => faultsOf('--delete-rows', tableNameSchema, table)),
    ...values.detach.flatMap((table) => faultsOf('--detach', tableNameSchema, table)),
    ...values['drop-index'].flatMap((index) => faultsOf('--drop-index', indexNameSchema, index)),
    ...conditions.flatMap((each) => ('fault' in each ? [each.fault] : faultsOf('--where', ownNameSchema, each.column))),
  ];
  if (name === undefined || faults.length > 0) return { faults };
  const where = Object.fromEntries(conditions.flatMap((each) => ('fault' in each ? [] : [[each.column, each.value]])));
  const removes: Removes = [
    ...values.drop.map((column) => ({ column })),
    ...values['drop-table'].map((table) => ({ table })),
    ...values['delete-rows'].map((table) => ({ table, where })),
    ...values.detach.map((partition) => ({ partition })),
    ...values['drop-index'].map((index) => ({ index })),
    ...values.external.map((external) => ({ external })),
  ];
  return { order: { name, removes, folder: values.folder, config: values.config, target: values.target } };
}

const kinds = ['drop', 'drop-table', 'delete-rows', 'detach', 'drop-index', 'external'] as const;

type Given = Record<(typeof kinds)[number] | 'where', string[]>;

function kindFaults(values: Given): string[] {
  const found = kinds.filter((kind) => values[kind].length > 0);
  const [first] = found;
  if (first === undefined) return ['expected what the plan removes, such as --drop table.column, found nothing'];
  if (found.length > 1)
    return [
      `expected one kind a plan, found ${found.map((kind) => `--${kind}`).join(' and ')}; write one plan for each`,
    ];
  const rows = first === 'delete-rows';
  if (rows && values.where.length === 0)
    return ['expected --where column=value beside --delete-rows, found none; for all rows it is --drop-table'];
  if (!rows && values.where.length > 0)
    return [`expected --where beside --delete-rows alone, found it beside --${first}`];
  return [];
}

/** `column=value`; the column in double quotes where it has a "=" itself. */
function condition(text: string): { column: string; value: string } | { fault: string } {
  const [, column, value] = /^((?:"(?:[^"]|"")*"|[^"=])+)=(.*)$/s.exec(text) ?? [];
  if (column === undefined || value === undefined)
    return { fault: `--where: expected column=value, found ${shown(text)}` };
  return { column, value };
}

const faultsOf = (option: string, schema: typeof columnNameSchema, text: string): string[] =>
  schema.safeParse(text).error?.issues.map(({ message }) => `${option}: ${message}, found ${shown(text)}`) ?? [];
