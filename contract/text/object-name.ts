import { z } from 'zod';
import { shown } from './faults';
import { utf8Length, visible } from './plain-text';

/**
 * How plans and settings name what is in a database: parts with dots between them, each exactly as the database has it,
 * capitals and all. A part stands as it is (letters of any language, digits, `_`, `$`, `-`, single blanks inside) or in
 * double quotes, where everything else can stand, too, and a quote is written twice: `"Order Details"."50% ""off"""`.
 */

/** The parts as the database has them, without quotes. */
export interface TableName {
  schema: string;
  table: string;
}

export interface ColumnName extends TableName {
  column: string;
}

/** In UTF-8. The server cuts longer names silently, and would then mean something else. */
export const longestNameBytes = 63;

const plainPart = String.raw`[\p{L}\p{M}\p{N}_$-]+(?: [\p{L}\p{M}\p{N}_$-]+)*`;
const onePart = new RegExp(String.raw`(?:"((?:[^"]|"")+)"|(${plainPart}))(\.(?=.)|$)`, 'suy');
const isPlainPart = new RegExp(`^${plainPart}$`, 'u');

/** `table` or `schema.table`; the schema is `public` where none is written. Throws if it is neither. */
export function parseTableName(text: string): TableName {
  const [table = '', schema = 'public'] = partsOrThrow(text, table1or2).reverse();
  return { schema, table };
}

/** `table.column` or `schema.table.column`. Throws if it is neither. */
export function parseColumnName(text: string): ColumnName {
  const [column = '', table = '', schema = 'public'] = partsOrThrow(text, column2or3).reverse();
  return { schema, table, column };
}

/** `index` or `schema.index`, likewise. Throws if it is neither. */
export function parseIndexName(text: string): { schema: string; index: string } {
  const [index = '', schema = 'public'] = partsOrThrow(text, index1or2).reverse();
  return { schema, index };
}

/** The name of a column of a table that is known: one part. Throws if it has several. */
export const parseOwnName = (text: string): string => partsOrThrow(text, own1)[0] ?? '';

/** The name in writing, that is read as these parts again: quoted where it has to be, and nowhere else. */
export const writtenName = (...parts: readonly string[]): string =>
  parts.map((part) => (isPlainPart.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.');

/** As somebody writes it: without the schema where that is `public`. */
export const writtenShort = ({ schema, table, column }: TableName & { column?: string | undefined }): string =>
  writtenName(...(schema === 'public' ? [] : [schema]), table, ...(column === undefined ? [] : [column]));

/** As people read it: the same on one line. */
export const shortName = (name: TableName & { column?: string | undefined }): string => visible(writtenShort(name));

/** The same of the table alone. */
export const shortTableName = ({ schema, table }: TableName): string => shortName({ schema, table });

/** The same of a name of one part. */
export const shownPart = (name: string): string => visible(writtenName(name));

interface Form {
  expected: string;
  least: number;
  most: number;
}

const own1: Form = { expected: 'the name of a column of the same table, without the table', least: 1, most: 1 };
const table1or2: Form = { expected: '"table" or "schema.table"', least: 1, most: 2 };
const index1or2: Form = { expected: '"index" or "schema.index"', least: 1, most: 2 };
const column2or3: Form = { expected: '"table.column" or "schema.table.column"', least: 2, most: 3 };

/** Names in what people write; the text stays as it is. */
export const ownNameSchema = nameSchema(own1);
export const tableNameSchema = nameSchema(table1or2);
export const indexNameSchema = nameSchema(index1or2);
export const columnNameSchema = nameSchema(column2or3);

function nameSchema(form: Form) {
  return z.string().superRefine((text, context) => {
    const fault = faultOf(text, form);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
}

function partsOrThrow(text: string, form: Form): string[] {
  const fault = faultOf(text, form);
  if (fault === undefined) return partsOf(text);
  throw new Error(fault.includes(', found ') ? fault : `${fault}, found ${shown(text)}`);
}

/** What is wrong with a name; undefined if nothing is. */
function faultOf(text: string, { expected, least, most }: Form): string | undefined {
  const parts = partsOf(text);
  if (parts.length === 0)
    return `expected ${expected}; what is no letter, digit, "_", "$" or "-" stands in double quotes, such as "a.b"`;
  if (parts.length < least || parts.length > most) return `expected ${expected}`;
  const long = parts.find((part) => utf8Length(part) > longestNameBytes);
  return long === undefined
    ? undefined
    : `expected at most ${longestNameBytes} bytes a name, found ${utf8Length(long)}, which the server would cut`;
}

/** Empty where it is no name. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  // A name can't be longer; whatever is, costs no time.
  if (text.length > longestText || unusable.test(text)) return [];
  onePart.lastIndex = 0;
  while (onePart.lastIndex < text.length) {
    const found = onePart.exec(text);
    if (found === null) return [];
    parts.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
  }
  return parts;
}

/** Three parts that are all quotes. */
const longestText = 3 * (2 * longestNameBytes + 2) + 2;

/** PostgreSQL's text holds no NUL, and UTF-8 no half of a pair. */
const unusable = /\0|\p{Cs}/u;
