/**
 * JSON with one text for one value: keys in the order of their UTF-16 units, no blanks, members that are `undefined`
 * left out. What stands in a digest has to be the same for everybody who computes it.
 *
 * @throws Error for what JSON can't hold (a function, NaN, a Date, `undefined` in a list, a cycle): it would be lost
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, []);
}

function textOf(value: unknown, parents: readonly object[]): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value !== 'object') throw new Error(`expected a JSON value, found ${String(value)} (${typeof value})`);
  if (parents.includes(value)) throw new Error('expected a JSON value, found an object that holds itself');
  const within = [...parents, value];
  if (Array.isArray(value)) return `[${Array.from(value, (item) => textOf(item, within)).join(',')}]`;
  if (!isPlain(value)) throw new Error(`expected a JSON value, found an object of class ${value.constructor.name}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${textOf(member, within)}`);
  return `{${members.join(',')}}`;
}

/** Also of another realm: a workflow's sandbox and jest have an `Object` of their own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
