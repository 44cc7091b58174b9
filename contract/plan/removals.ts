import { z } from 'zod';
import {
  columnNameSchema,
  indexNameSchema,
  ownNameSchema,
  parseColumnName,
  parseIndexName,
  parseOwnName,
  parseTableName,
  tableNameSchema,
} from '../text/object-name';
import { visible } from '../text/plain-text';
import { traits, type DatabaseKind, type Kind, type Traits } from './kinds';
import {
  hasValues,
  type ColumnRemoval,
  type DatabaseRemoval,
  type Removal,
  type RemovalOf,
  type ValueRemoval,
} from './removal';
import { partsOf } from './places';

/** What a plan takes out of production: columns, tables, some rows of tables, partitions, indexes, or things outside the database. */

/** A number in YAML may not be what is written: long ones lose digits, and zeros in front go. */
const quoted = z.custom<string>(
  (value) => typeof value === 'string',
  "expected text in quotes, such as '42', since a number may not be what is written",
);

const mostConditions = 20;

/** A column that goes, and the one that is used instead, if there is one; a table; some of its rows; a partition; an index; a thing. */
const removalSchema = z.strictObject({
  /** `table.column`, or `schema.table.column`. */
  column: columnNameSchema.optional(),
  /** Instead of a column: `table`, or `schema.table`. */
  table: tableNameSchema.optional(),
  /** Beside `table`: only rows whose columns have these values, such as those of one tenant. */
  where: z
    .record(ownNameSchema, quoted)
    .refine((where) => Object.keys(where).length <= mostConditions, `expected at most ${mostConditions} columns`)
    .optional(),
  /** Instead of a column: one partition of a partitioned table, `partition` or `schema.partition`. */
  partition: tableNameSchema.optional(),
  /** Beside `partition`: the partitioned table that it is detached from, `table` or `schema.table`. */
  of: tableNameSchema.optional(),
  /** An index alone: `index`, or `schema.index`. Its table stays, and with it every value. */
  index: indexNameSchema.optional(),
  /** Something outside the database, in words for people: "bucket old-exports". Actions of the platform know it. */
  external: z.string().min(1).max(200).optional(),
  /** Name of the column of the same table that replaces it. Without one, values are kept by their row. */
  replacedBy: ownNameSchema.optional(),
  /**
   * Columns of the primary key, by which a row is found again where nothing replaces the value. Default `[id]`. Beside
   * `replacedBy` it says that values are found by their row all the same: several may have the same replacement.
   */
  primaryKey: z.array(ownNameSchema).min(1).max(8).optional(),
});

/** A plan's list of them, all of one kind. */
export const removesSchema = z.array(removalSchema).min(1).max(50);

export type Removes = z.infer<typeof removesSchema>;

type Entry = Removes[number];
type Of = { removes: Removes };

/** By what an entry is of this kind, the first that fits. */
const isEntryOf = {
  external: ({ external }) => external !== undefined,
  partition: ({ partition }) => partition !== undefined,
  index: ({ index }) => index !== undefined,
  rows: ({ table, where }) => table !== undefined && where !== undefined,
  table: ({ table }) => table !== undefined,
  column: ({ column }) => column !== undefined,
} as const satisfies Record<Kind, (entry: Entry) => boolean>;

/** Taken for a column where it names nothing at all, which is a fault of its own: see `removalProblems`. */
function kindOfEntry(entry: Entry): Kind {
  const kinds = Object.keys(isEntryOf) as Kind[];
  return kinds.find((kind) => isEntryOf[kind](entry)) ?? 'column';
}

const parsers = {
  column: ({ column, replacedBy, primaryKey: given }) => ({
    kind: 'column',
    ...(column === undefined ? nowhere : parseColumnName(column)),
    primaryKey: primaryKeyOf(given),
    keptBy: replacedBy === undefined || given !== undefined ? 'row' : 'replacement',
    ...(replacedBy !== undefined && { replacedBy: parseOwnName(replacedBy) }),
  }),
  table: ({ table = '', primaryKey }) => ({
    kind: 'table',
    ...parseTableName(table),
    ...{ keptBy: 'row', primaryKey: primaryKeyOf(primaryKey) },
  }),
  rows: ({ table = '', primaryKey, where = {} }) => ({
    kind: 'rows',
    ...parseTableName(table),
    ...{ keptBy: 'row', primaryKey: primaryKeyOf(primaryKey), where: byColumn(where) },
  }),
  partition: ({ partition = '', of, primaryKey }) => ({
    kind: 'partition',
    ...parseTableName(partition),
    of: of === undefined ? { schema: 'public', table: '' } : parseTableName(of),
    ...{ keptBy: 'row', primaryKey: primaryKeyOf(primaryKey) },
  }),
  index: ({ index = '' }) => ({ kind: 'index', ...parseIndexName(index), keptBy: 'nothing' }),
  external: ({ external = '' }) => ({ kind: 'external', name: external, keptBy: 'nothing' }),
} as const satisfies { [K in Kind]: (entry: Entry) => RemovalOf<K> };

/** The one place where an entry is taken apart. */
export const parseRemoval = (entry: Entry): Removal => parsers[kindOfEntry(entry)](entry);

const primaryKeyOf = (given: string[] | undefined): string[] => given?.map(parseOwnName) ?? ['id'];

/** Of an entry that says nothing. */
const nowhere = { schema: 'public', table: '', column: '' };

const byColumn = (where: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(where).map(([name, value]) => [parseOwnName(name), value]));

/** Of all that a plan removes: they are of one kind. */
export const kindOf = ({ removes: [first] }: Of): Kind => (first === undefined ? 'column' : kindOfEntry(first));

/** What may be asked of a plan's kind. */
export const traitsOf = (plan: Of): Traits => traits[kindOf(plan)];

/** What goes, as a word in sentences. */
export const wordFor = (plan: Of): Traits['plural'] => traitsOf(plan).plural;

/** As the plan names it, in one line. */
export function nameOfRemoval({ column, table, where, partition, of, index, external }: Entry): string {
  if (partition !== undefined) return visible(of === undefined ? partition : `${partition} of ${of}`);
  if (where === undefined) return visible(column ?? table ?? index ?? external ?? '');
  const conditions = Object.entries(where).map(([name, value]) => `${name} = ${value}`);
  return visible(`${table ?? ''} where ${conditions.sort().join(' and ')}`);
}

/** What a plan removes from the database, in the one order in which locks are taken: by schema, table (or index), column. */
export const removalsOf = ({ removes }: Of): DatabaseRemoval[] =>
  removes
    .map(parseRemoval)
    .filter(isInDatabase)
    .sort((a, b) => compare(partsOf(a), partsOf(b)));

export const isInDatabase = (removal: Removal): removal is DatabaseRemoval => traits[removal.kind].isInDatabase;

/** Those of them that have values: all, or none. */
export const withValues = (plan: Of): ValueRemoval[] => removalsOf(plan).filter(hasValues);

/** Those of one kind among them: all, or none. */
export const removalsOfKind = <K extends DatabaseKind>(plan: Of, kind: K): RemovalOf<K>[] =>
  removalsOf(plan).filter((removal): removal is RemovalOf<K> => removal.kind === kind);

/** The columns among them. */
export const columnsOf = (plan: Of): ColumnRemoval[] => removalsOfKind(plan, 'column');

/** Whether each value is kept by its row: then a copy of the last ones is the only exact one, unless a proof derives them. */
export const isKeptByRow = ({ removes }: Of): boolean =>
  removes.map(parseRemoval).some(({ keptBy }) => keptBy !== 'replacement');

function compare(a: readonly string[], b: readonly string[]): number {
  const place = a.findIndex((part, index) => part !== b[index]);
  if (place < 0) return a.length - b.length;
  return (a[place] ?? '') < (b[place] ?? '') ? -1 : 1;
}
