import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, Scalar } from 'yaml';
import { tooDeep, yamlLimits } from './yaml-limits';

/** Something wrong with a part of a file, and at which character. */
export interface YamlFault {
  /** Index of the character in the text, from 0, in UTF-16 units. */
  offset: number;
  message: string;
  /** What else is there can be looked at all the same. */
  isHarmless?: true;
}

/** What plain data can't hold, or would hold in silence as something else. Goes over the whole document once. */
export function faultsIn(document: Document.Parsed): YamlFault[] {
  const faults: YamlFault[] = [];
  look(document.contents, 0, faults);
  return faults;
}

function look(node: unknown, depth: number, faults: YamlFault[]): void {
  if (node === null || node === undefined) return; // only understood
  const { anchor, tag } = node as { anchor?: string; tag?: string };
  const offset = offsetOf(node) ?? 0;
  if (depth > yamlLimits.depth) return void faults.push({ offset, message: tooDeep });
  if (isAlias(node))
    return void faults.push({ offset, message: 'expected no alias ("*name"); write the value itself' });
  const what = anchor ? 'anchor ("&name")' : tag && 'tag ("!name")';
  if (what) faults.push({ offset, message: `expected no ${what}; remove it` });
  if (isScalar(node)) faults.push(...valueFaults(node));
  else if (isSeq(node)) for (const item of node.items) look(item, depth + 1, faults);
  else if (isMap(node)) lookAtFields(node.items, depth, faults);
}

function lookAtFields(items: readonly { key: unknown; value: unknown }[], depth: number, faults: YamlFault[]): void {
  const seen = new Set<unknown>();
  for (const { key, value } of items) {
    look(key, depth + 1, faults);
    look(value, depth + 1, faults);
    if (!isScalar(key)) continue;
    const offset = offsetOf(key) ?? 0;
    if (seen.has(key.value)) faults.push({ offset, message: twice, isHarmless: true });
    if (key.value === '__proto__') faults.push({ offset, message: lost });
    seen.add(key.value);
  }
}

const twice = 'expected each field once, found this one again; remove one of them';
const lost = `expected another name than "__proto__", which would be lost; for a column write '"__proto__"'`;

function valueFaults(node: Scalar): YamlFault[] {
  const offset = offsetOf(node) ?? 0;
  if (typeof node.value === 'number' && !Number.isFinite(node.value))
    return [{ offset, message: 'expected a number, found one without an end; write it as text, in quotes' }];
  const message = typeof node.value === 'string' ? textFault(node.value) : undefined;
  return message === undefined ? [] : [{ offset, message }];
}

/** What is wrong with a text, however it was written; undefined if nothing is. */
function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'expected text, found a NUL, which no database can hold; remove it';
  if (/\p{Cs}/u.test(text)) return 'expected text, found half of a surrogate pair; write the whole character';
  return text.includes('\ufffd')
    ? 'expected text in UTF-8, found bytes in another encoding; save the file in UTF-8'
    : undefined;
}

/** Characters that no YAML file has, wherever they stand; tabs and line ends are none of them. */
// eslint-disable-next-line no-control-regex -- it is these that are looked for
const unprintable = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]|\p{Cs}/u;

/** The first of them. */
export function unprintableIn(text: string): YamlFault | undefined {
  const offset = text.search(unprintable);
  if (offset < 0) return undefined;
  const code = (text.codePointAt(offset) ?? 0).toString(16).padStart(4, '0').toUpperCase();
  return { offset, message: `expected text that can be read, found the control character U+${code}; remove it` };
}

/** Where a node begins; undefined for what is only understood, such as the value of `a:`. */
export const offsetOf = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] } | null | undefined)?.range?.[0];
