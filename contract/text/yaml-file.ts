import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Document, YAMLError } from 'yaml';
import type { Fault } from './faults';
import { faultsIn, offsetOf, unprintableIn, type YamlFault } from './yaml-faults';
import { tooMuchIn, yamlLimits } from './yaml-limits';
import { sourceOffset } from './yaml-place';

/** A YAML file as plain data that still knows where each part of it stands. */
export interface YamlFile {
  value: unknown;
  /** `plan.yaml:12:5` of a field; of its nearest parent if it isn't there. `key`: of its name. */
  placeOf(path: readonly PropertyKey[], part?: 'key' | 'value'): string;
  /** The same of a character of a field's text, wherever the file has folded or quoted it. */
  placeWithin(path: readonly PropertyKey[], offset: number): string;
}

/** `file` is absent if the faults leave nothing to look at. */
export interface YamlRead {
  file?: YamlFile;
  faults: Fault[];
}

/**
 * Reads one YAML 1.2 document of plain data, for text that may come from anywhere, in a time that is bounded by
 * {@link yamlLimits}. Refuses duplicate keys, tags, several documents, text that no database can hold, and anchors and
 * aliases: with them a few lines can stand for gigabytes, and a reader of one line doesn't see what it says. Never throws.
 * Messages never quote the text: it may hold a secret.
 */
export function readYaml(text: string, fileName: string): YamlRead {
  const found = sizeOf(text);
  if (found !== undefined) {
    const message = `expected at most ${yamlLimits.bytes} bytes, found ${found}; leave out what isn't needed`;
    return { faults: [{ place: fileName, message }] };
  }
  const refused = unprintableIn(text) ?? tooMuchIn(text);
  return refused === undefined ? parse(text, fileName) : { faults: faultsAt([refused], placesIn(text, fileName)) };
}

/** Undefined: it is not too large. What certainly is, is not measured. */
function sizeOf(text: string): string | undefined {
  if (text.length > yamlLimits.bytes) return `${text.length} characters`;
  const bytes = new TextEncoder().encode(text).length;
  return bytes > yamlLimits.bytes ? `${bytes}` : undefined;
}

function parse(text: string, fileName: string): YamlRead {
  const place = placesIn(text, fileName);
  const documents = parsed(text);
  const [document] = documents;
  if (document === undefined || document.contents === null) {
    return { faults: [{ place: fileName, message: 'expected one YAML document, found an empty file' }] };
  }
  const found: YamlFault[] = [
    ...documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]).map(asFault),
    ...documents.slice(1).map(({ range: [offset] }) => ({ offset, message: another })),
    ...faultsIn(document),
  ];
  const faults = faultsAt(found, place);
  // A key that is there twice need not hide what else is wrong.
  if (!found.every(({ isHarmless }) => isHarmless === true)) return { faults };
  const nodeAt = nodesOf(document);
  const offsetAt = (...at: Parameters<typeof nodeAt>): number => nodeAt(...at).offset;
  const file: YamlFile = {
    value: document.toJS({ maxAliasCount: 0 }) as unknown,
    placeOf: (path, part) => place(offsetAt(path, part)),
    placeWithin: (path, offset) => place(sourceOffset(text, nodeAt(path), offset)),
  };
  return { file, faults };
}

const another = 'expected one YAML document, found another; remove it and the line "---" before it';

/**
 * Fields that are there twice are found by ourselves, in one go: the package compares each with each. A file can have as
 * many faults as parts, and to note down for each where in our code it was found takes longer than to find it.
 */
function parsed(text: string): Document.Parsed[] {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    return [
      ...parseAllDocuments(text, { prettyErrors: false, stringKeys: true, uniqueKeys: false }),
    ] as Document.Parsed[];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** In the package's words as far as these don't quote the file. */
const asFault = ({ code, pos: [offset], message }: YAMLError): YamlFault => ({
  offset,
  message:
    ownWords[code] ??
    message
      .replace(/[:"'`].*$/s, '')
      .trim()
      .slice(0, 200),
});

const ownWords: Partial<Record<string, string>> = {
  TAG_RESOLVE_FAILED: 'expected no mark "!"; remove it, or write the text in quotes',
  BAD_DIRECTIVE: 'expected no directive ("%name"); remove the line',
};

function placesIn(text: string, fileName: string): (offset: number) => string {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let end = -1; (end = text.indexOf('\n', end + 1)) >= 0;) lines.addNewLine(end + 1);
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
}

const faultsAt = (found: readonly YamlFault[], place: (offset: number) => string): Fault[] =>
  found.map(({ offset, message }) => ({ place: place(offset), message }));

/** Finds a part of the document, or its nearest parent; each map is gone over once, however often it is asked. */
function nodesOf(document: Document.Parsed) {
  const fields = new WeakMap<object, Map<string, { key: unknown; value: unknown }>>();
  const fieldOf = (map: { items: readonly { key: unknown; value: unknown }[] }, name: string) => {
    const known =
      fields.get(map) ?? new Map(map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]));
    fields.set(map, known);
    return known.get(name);
  };
  return (path: readonly PropertyKey[], part: 'key' | 'value' = 'value'): { node: unknown; offset: number } => {
    let node: unknown = document.contents;
    let offset = offsetOf(node) ?? 0;
    for (const [index, step] of path.entries()) {
      if (isSeq(node)) {
        node = node.items[Number(step)];
      } else if (isMap(node)) {
        const pair = fieldOf(node, String(step));
        const wantsKey = part === 'key' && index === path.length - 1;
        node = wantsKey ? pair?.key : (pair?.value ?? pair?.key);
      } else node = undefined;
      const found = offsetOf(node);
      if (found === undefined) break;
      offset = found;
    }
    return { node, offset };
  };
}
