import type { z } from 'zod';
import { fieldName, inOrder, shown } from './faults';
import type { Fault } from './faults';
import { suggestion } from './nearest';
import { fieldsAt, hasDefaultAt } from './schema-fields';
import type { YamlFile } from './yaml-file';

/** The sections of a file that can be used, and everything that is wrong with the others. */
export interface Sections<T> {
  /** All of them if there is no fault. */
  sections: Partial<T>;
  faults: Fault[];
}

/**
 * Parses a file by its schema, section by section, so that one fault doesn't hide the checks of other sections.
 *
 * @param quotes false for files that may hold a secret by mistake: then no message says what was found
 */
export function parseSections<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  file: YamlFile,
  { quotes }: { quotes: boolean },
): Sections<z.output<z.ZodObject<Shape>>> {
  type Whole = z.output<z.ZodObject<Shape>>;
  if (!isFields(file.value)) {
    return { sections: {}, faults: [{ place: file.placeOf([]), message: 'expected fields such as "name: value"' }] };
  }
  const { value } = file;
  const parsed = schema.safeParse(value);
  if (parsed.success) return { sections: parsed.data, faults: [] };
  const usable = withoutFaults(schema, value, parsed.error.issues);
  const sections = Object.entries(schema.shape).flatMap(([name, section]) => {
    const part = (section as z.ZodType).safeParse(usable[name]);
    return part.success ? [[name, part.data]] : [];
  });
  const faults = faultsOfIssues(parsed.error.issues, { schema, value, file, quotes });
  return { sections: Object.fromEntries(sections) as Partial<Whole>, faults };
}

/** Without unknown fields and without unusable values that have a default: they shall not hide what else is wrong. */
function withoutFaults(
  schema: z.ZodType,
  value: Record<string, unknown>,
  issues: readonly z.core.$ZodIssue[],
): Record<string, unknown> {
  const copy = structuredClone(value);
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(copy, [...issue.path, key]);
    else if (hasDefaultAt(schema, issue.path)) remove(copy, issue.path);
  }
  return copy;
}

function remove(value: unknown, path: readonly PropertyKey[]): void {
  const parent = path.slice(0, -1).reduce<unknown>(partOf, value);
  if (isFields(parent)) delete parent[String(path.at(-1))];
}

const partOf = (value: unknown, step: PropertyKey): unknown => (isRecord(value) ? value[String(step)] : undefined);

interface Source {
  schema: z.ZodType;
  value: unknown;
  file: YamlFile;
  quotes: boolean;
}

/** What is wrong is said of as many as are told, the first of the file; of the others only where. */
function faultsOfIssues(issues: readonly z.core.$ZodIssue[], source: Source): Fault[] {
  const placed = issues.flatMap((issue) => placesOfIssue(issue, source));
  const told = new Set<Fault>(inOrder(placed));
  return placed.map((fault) => {
    const { place, message: name } = fault;
    return { place, message: told.has(fault) ? `${name}: ${fault.what()}` : name };
  });
}

/** A fault that has only the name of its field yet, and what takes longer to find out. */
interface Placed extends Fault {
  what: () => string;
}

/** Unknown fields are one fault each. */
function placesOfIssue(issue: z.core.$ZodIssue, source: Source): Placed[] {
  const { schema, file } = source;
  const { path } = issue;
  if (issue.code !== 'unrecognized_keys')
    return [{ place: file.placeOf(path), message: fieldName(path), what: () => messageOf(issue, source) }];
  return issue.keys.map((key) => ({
    place: file.placeOf([...path, key], 'key'),
    message: fieldName([...path, key.slice(0, 100)]),
    what: () => `unknown field${suggestion(key, fieldsAt(schema, path))}`,
  }));
}

function messageOf(issue: z.core.$ZodIssue, { value, quotes }: Source): string {
  const found = issue.path.reduce(partOf, value);
  const expected = expectedBy(issue);
  if (found === undefined) return `missing; ${expected}`;
  if (!quotes) return expected.replace(/, found .*$/s, '');
  if (expected.includes(', found ')) return expected;
  return `${expected}, found ${shown(found)}${guess(issue, found)}`;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${words[issue.expected] ?? issue.expected}`;
  const choices = choicesOf(issue);
  if (choices !== undefined) return `expected one of ${choices.join(', ')}`;
  return issue.message.replace(/^(Too small|Too big|Invalid \w+): /, '');
}

function choicesOf(issue: z.core.$ZodIssue): string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map((value) => shown(value));
  const options = issue.code === 'invalid_union' && 'options' in issue ? issue.options : undefined;
  return Array.isArray(options) ? options.map((value) => shown(value)) : undefined;
}

function guess(issue: z.core.$ZodIssue, found: unknown): string {
  const choices = choicesOf(issue);
  if (choices === undefined || typeof found !== 'string') return '';
  const text = suggestion(
    found,
    choices.map((choice) => choice.slice(1, -1)),
  );
  return text.startsWith('; did') ? text : '';
}

const words: Partial<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields such as "name: value"',
  record: 'fields such as "name: value"',
};

const isFields = (value: unknown): value is Record<string, unknown> => isRecord(value) && !Array.isArray(value);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
