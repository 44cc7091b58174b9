import { z } from 'zod';
import {
  columnNameSchema,
  ownNameSchema,
  parseColumnName,
  parseOwnName,
  parseTableName,
  tableNameSchema,
  writtenName,
} from '../text/object-name';
import { visible } from '../text/plain-text';

/** What a plan takes out of production: columns, whole tables, some rows of tables, or things outside the database. */

/** A number in YAML may not be what is written: long ones lose digits, and zeros in front go. */
const quoted = z.custom<string>(
  (value) => typeof value === 'string',
  "expected text in quotes, such as '42', since a number may not be what is written",
);

const mostConditions = 20;

/** A column that goes, and the one that is used instead, if there is one; or a table; or some of its rows; or a thing. */
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
  /** Something outside the database, in words for people: "bucket old-exports". Actions of the platform know it. */
  thing: z.string().min(1).max(200).optional(),
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

/** A column to remove, taken apart. `schema` is `public` where the plan names none. */
export interface ColumnRemoval {
  schema: string;
  table: string;
  column: string;
  /** Absent in all removals of a plan without a proof. */
  replacedBy?: string;
  /** What a value is found again by. */
  keptBy: 'replacement' | 'row';
  primaryKey: string[];
}

/** One that a proof compares with what replaces it. */
export type ComparedRemoval = ColumnRemoval & { replacedBy: string };

/** One whose values are found again by what stands in their place. */
export type ReplacedRemoval = ComparedRemoval & { keptBy: 'replacement' };

/** A table to remove, taken apart. */
export interface TableRemoval {
  schema: string;
  table: string;
  column?: never;
  where?: never;
  primaryKey: string[];
}

/** Rows to remove from a table that stays. */
export interface RowsRemoval {
  schema: string;
  table: string;
  column?: never;
  primaryKey: string[];
  /** All of them must be so. Values as text, which the server reads as the column's type. */
  where: Record<string, string>;
}

export type Removal = ColumnRemoval | TableRemoval | RowsRemoval;

export const isColumn = (removal: Removal): removal is ColumnRemoval => 'column' in removal;

export const isRows = (removal: Removal): removal is RowsRemoval => 'where' in removal;

export const isTable = (removal: Removal): removal is TableRemoval => !isColumn(removal) && !isRows(removal);

/** As the plan names it, in one line. */
export function nameOfRemoval({ column, table, where, thing }: Removes[number]): string {
  if (where === undefined) return visible(column ?? table ?? thing ?? '');
  const conditions = Object.entries(where).map(([name, value]) => `${name} = ${value}`);
  return visible(`${table ?? ''} where ${conditions.sort().join(' and ')}`);
}

/** Whether a plan is about things outside the database: no statement follows from it. */
export const isOfThings = ({ removes }: { removes: Removes }): boolean =>
  removes.some(({ thing }) => thing !== undefined);

/** What a plan removes from the database, taken apart, in the one order in which locks are taken: by schema, table, column. */
export function removalsOf({ removes }: { removes: Removes }): Removal[] {
  return removes
    .filter(({ thing }) => thing === undefined)
    .map(takenApart)
    .sort((a, b) => compare(placeOf(a), placeOf(b)));
}

/** The columns among them. */
export const columnsOf = (plan: { removes: Removes }): ColumnRemoval[] => removalsOf(plan).filter(isColumn);

/** All columns that go from the table of this one. */
export const goingFrom = ({ schema, table }: ColumnRemoval, all: readonly ColumnRemoval[]): string[] =>
  all.filter((each) => each.schema === schema && each.table === table).map(({ column }) => column);

/** Whether each value is kept by its row: then a copy of the last ones is the only exact one, unless a proof derives them. */
export const isKeptByRow = ({ removes }: { removes: Removes }): boolean =>
  removes.some(({ replacedBy, primaryKey }) => replacedBy === undefined || primaryKey !== undefined);

/** What goes, as a word in sentences: all of a plan is of one kind. */
export function wordFor(plan: { removes: Removes }): 'columns' | 'tables' | 'rows' | 'things' {
  if (isOfThings(plan)) return 'things';
  const [first] = removalsOf(plan);
  if (first === undefined || isColumn(first)) return 'columns';
  return isRows(first) ? 'rows' : 'tables';
}

function takenApart({ column: name, table: whole, where, replacedBy, primaryKey: given }: Removes[number]): Removal {
  const primaryKey = given?.map(parseOwnName) ?? ['id'];
  if (whole !== undefined) {
    const table = { ...parseTableName(whole), primaryKey };
    return where === undefined ? table : { ...table, where: byColumn(where) };
  }
  const keptBy: ColumnRemoval['keptBy'] = replacedBy === undefined || given !== undefined ? 'row' : 'replacement';
  const column = { ...(name === undefined ? nowhere : parseColumnName(name)), primaryKey, keptBy };
  return replacedBy === undefined ? column : { ...column, replacedBy: parseOwnName(replacedBy) };
}

/** Of an entry that says nothing; it is a fault of its own. */
const nowhere = { schema: 'public', table: '', column: '' };

const byColumn = (where: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(where).map(([name, value]) => [parseOwnName(name), value]));

const placeOf = (removal: Removal): string[] => [
  removal.schema,
  removal.table,
  ...(isColumn(removal) ? [removal.column] : []),
];

/** Where it stands, with its schema: the same for the same, however a plan writes it. */
export const placeName = (removal: Removal): string => writtenName(...placeOf(removal));

function compare(a: readonly string[], b: readonly string[]): number {
  const place = a.findIndex((part, index) => part !== b[index]);
  if (place < 0) return a.length - b.length;
  return (a[place] ?? '') < (b[place] ?? '') ? -1 : 1;
}
