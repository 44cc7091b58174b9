import { isDeepStrictEqual } from 'node:util';
import type { CatalogueFacts, CatalogueSnapshot } from './catalogue-snapshot';

/** One attribute of one object that is not as it was; without `attribute` the whole object. */
export interface CatalogueDifference {
  /** Kind and name, such as `index public.sessions_key`. */
  object: string;
  /** As the server's catalogue calls it. */
  attribute: string | null;
  /** Undefined = was not there. */
  before: unknown;
  /** Undefined = is not there. */
  after: unknown;
}

/**
 * What is not as it was, by object and attribute.
 *
 * @param expected `moved`: a column that came back stands at the end of its table, so the order of columns may differ
 */
export function differences(
  before: CatalogueSnapshot,
  after: CatalogueSnapshot,
  { moved }: { moved: boolean } = { moved: false },
): CatalogueDifference[] {
  const objects = new Set([...Object.keys(before.objects), ...Object.keys(after.objects)]);
  return [...objects].sort().flatMap((object) => {
    const [was, is] = [before.objects[object], after.objects[object]];
    if (was === undefined || is === undefined) return [{ object, attribute: null, before: was, after: is }];
    return attributesThatDiffer(was, is, moved).map((attribute) => ({ object, ...attribute }));
  });
}

function attributesThatDiffer(
  was: CatalogueFacts,
  is: CatalogueFacts,
  moved: boolean,
): Omit<CatalogueDifference, 'object'>[] {
  const attributes = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...attributes].sort().flatMap((attribute) => {
    const [one, other] = [was[attribute], is[attribute]];
    const [left, right] = moved && attribute === 'columns' ? [sorted(one), sorted(other)] : [one, other];
    return isDeepStrictEqual(left, right) ? [] : [{ attribute, before: one, after: other }];
  });
}

const sorted = (names: unknown): unknown => (Array.isArray(names) ? names.map(String).sort() : names);

/** For people: `index public.x: indisclustered was true, is nothing`. */
export function differenceText({ object, attribute, before, after }: CatalogueDifference): string {
  if (attribute === null) return `${object}: ${before === undefined ? 'was not there' : 'is not there'}`;
  return `${object}: ${attribute} was ${shown(before)}, is ${shown(after)}`;
}

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};
