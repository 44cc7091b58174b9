'use strict';
// Counts the places that ask what kind a plan removes, outside the tables by kind. `node dev/count-kinds.js` lists them.
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const floors = ['contract', 'sql', 'activities', 'adapters', 'workflows', 'report', 'worker', 'client'];

/** More of them, and a new kind is no longer one file a floor. */
const atMost = 20;

/** A table by kind, which the compiler holds complete, or a file of one kind. */
const isTable = (/** @type {string} */ file, /** @type {string} */ text) =>
  /\/kinds\//.test(file) || /\bRecord<(?:Database|Value)?Kind,|\[K in (?:Database|Value)?Kind\]/.test(text);

/** The words of the union, and their plurals, as `contract/plan/kinds.ts` has them. */
const source = fs.readFileSync(path.join(root, 'contract/plan/kinds.ts'), 'utf8');
const kinds = [...(/^export type Kind = (.*);$/m.exec(source)?.[1]?.matchAll(/'(\w+)'/g) ?? [])].map(
  (found) => found[1],
);
const plurals = [...(/^ {2}plural: (.*);$/m.exec(source)?.[1]?.matchAll(/'([^']+)'/g) ?? [])].map((found) => found[1]);
if (kinds.length < 2 || plurals.length < 2) throw new Error('expected the kinds in contract/plan/kinds.ts, found none');
const word = `(?:${[...kinds, ...plurals].join('|')})`;

const asks = [
  // One of the union, or of its words.
  new RegExp(`(?:[!=]==|\\bcase) '${word}'`),
  new RegExp(`'${word}' [!=]==`),
  // By what only one of them has.
  /'(?:column|where|before|replacedBy|external)' in \w/,
  /\b(?:removal|entry|each|removes\[\w+\])\.(?:external|where|table|partition|column|index) [!=]== undefined/,
  // Those of one kind.
  /\b(?:removalsOfKind|columnsOf|columnsAmong|tablesAmong|goneIndexes)\((?!removal\))/,
  // Predicates, as they were once.
  /\bis(?:Column|Rows|OfThings)\b|\bfilter\(isTable\)|\bisTable\((?:removal|each)\)/,
];

/** What a text has of its own that looks the same and is something else: the shape of a terminal, a setting, `pg_dump`'s output. */
const others = /backupScope|capture === undefined|process\.stdout|attribute ===|\bhow\b/;

/**
 * @param {string} text of a file that is no table by kind
 * @returns {number[]} lines that ask, from 1
 */
function asksOf(text) {
  return text.split('\n').flatMap((line, index) => {
    const code = line.replace(/^\s*(?:\/\/|\/?\*).*/, '').replace(/^import .*/, '');
    return asks.some((ask) => ask.test(code)) && !others.test(code) ? [index + 1] : [];
  });
}

/** @returns {{ file: string, line: number, text: string }[]} */
function placesThatAsk() {
  const files = floors.flatMap((floor) =>
    fs
      .readdirSync(path.join(root, floor), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(floor, file)),
  );
  return files.sort().flatMap((file) => {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    if (isTable(file, text)) return [];
    return asksOf(text).map((line) => ({ file, line, text: text.split('\n')[line - 1]?.trim() ?? '' }));
  });
}

module.exports = { asksOf, atMost, placesThatAsk };

if (require.main === module) {
  const places = placesThatAsk();
  for (const { file, line, text } of places) console.log(`${file}:${line}  ${text}`);
  console.log(`${places.length} places outside the tables by kind, at most ${atMost}`);
  process.exitCode = places.length > atMost ? 1 : 0;
}
