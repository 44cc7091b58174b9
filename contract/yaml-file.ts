import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from 'yaml';
import type { Document } from 'yaml';
import type { Fault } from './faults';
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

/** Plans travel in a payload and stand in history; settings need no more. */
export const yamlLimitBytes = 256 * 1024;

/**
 * Reads one YAML 1.2 document of plain data, for text that may come from anywhere. Refuses duplicate keys, tags,
 * several documents, and anchors and aliases: with them a few lines can stand for gigabytes, and a reader of one line
 * doesn't see what it says. Messages never quote the text: it may hold a secret.
 */
export function readYaml(text: string, fileName: string): YamlRead {
  const at = (place: string, message: string) => ({ faults: [{ place, message }] });
  const sizeBytes = new TextEncoder().encode(text).length;
  if (sizeBytes > yamlLimitBytes) {
    return at(fileName, `expected at most ${yamlLimitBytes} bytes, found ${sizeBytes}; leave out what isn't needed`);
  }
  return parse(text, fileName);
}

function parse(text: string, fileName: string): YamlRead {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, stringKeys: true });
  const place = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${fileName}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const [document] = documents as Document.Parsed[];
  if (document === undefined || document.contents === null) {
    return { faults: [{ place: fileName, message: 'expected one YAML document, found an empty file' }] };
  }
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  const tooDeep = problems.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (tooDeep !== undefined) {
    const message = 'expected a few levels of nesting, found too many; write it flatter';
    return { faults: [{ place: place(tooDeep.pos[0]), message }] };
  }
  const faults = [
    ...problems.map(({ code, pos, message }) => ({ place: place(pos[0]), message: messageOf(code, message) })),
    ...documents.slice(1).map((next) => ({
      place: place(next.range[0]),
      message: 'expected one YAML document, found another; remove it and the line "---" before it',
    })),
    ...referencesOf(document, place),
  ];
  // A key that is there twice need not hide what else is wrong.
  if (faults.length > problems.filter(({ code }) => code === 'DUPLICATE_KEY').length)
    return { faults: faults.slice(0, 50) };
  const offsetOf = offsetsOf(document);
  const file: YamlFile = {
    value: document.toJS({ maxAliasCount: 0 }) as unknown,
    placeOf: (path, part) => place(offsetOf(path, part)),
    placeWithin: (path, offset) => place(sourceOffset(text, offsetOf(path), document.getIn(path, true), offset)),
  };
  return { file, faults };
}

/** Anchors, aliases, tags, and a name that no object can have, each as a fault. */
function referencesOf(document: Document.Parsed, place: (offset: number) => string): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Alias: (_, { range }) => {
      faults.push({ place: place(range?.[0] ?? 0), message: 'expected no alias ("*name"); write the value itself' });
    },
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      const message = `expected another name than "__proto__", which would be lost; for a column write '"__proto__"'`;
      faults.push({ place: place(key.range?.[0] ?? 0), message });
    },
    Node: (_, node) => {
      const what = 'anchor' in node && node.anchor ? 'anchor ("&name")' : node.tag && 'tag ("!name")';
      if (what) faults.push({ place: place(node.range?.[0] ?? 0), message: `expected no ${what}; remove it` });
    },
  });
  return faults;
}

function offsetsOf(document: Document.Parsed): (path: readonly PropertyKey[], part?: 'key' | 'value') => number {
  return (path, part = 'value') => {
    let node: unknown = document.contents;
    let offset = document.contents?.range[0] ?? 0;
    for (const [index, step] of path.entries()) {
      if (isSeq(node)) {
        node = node.items[Number(step)];
      } else if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
        const wantsKey = part === 'key' && index === path.length - 1;
        node = wantsKey ? pair?.key : (pair?.value ?? pair?.key);
      } else node = undefined;
      const found = (node as { range?: [number, number, number] } | undefined)?.range?.[0];
      if (found === undefined) break;
      offset = found;
    }
    return offset;
  };
}

const messageOf = (code: string, message: string): string =>
  code === 'DUPLICATE_KEY'
    ? 'expected each field once, found this one again; remove one of them'
    : message.replace(/[:"'`].*$/s, '').trim();
