import { suggestion } from '../text/nearest';
import type { Plan } from './plan';

/** Something wrong with a plan that no single field shows. */
export interface Problem {
  /** Of the field, from the root of the plan. */
  path: PropertyKey[];
  message: string;
  /** Character of the field's text at which it was found, where it is about a part of a statement. */
  offset?: number;
}

/** The sections of a plan that could be parsed. */
export type PlanSections = Partial<Plan>;

/** Names that occur twice in a list, each at its later place. */
export function duplicates(names: readonly string[], pathOf: (index: number) => PropertyKey[]): Problem[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    const isFirst = !seen.has(name);
    seen.add(name);
    if (isFirst) return [];
    return [{ path: pathOf(index), message: `expected each name once, found "${name}" again; rename or remove it` }];
  });
}

/** A name that must stand in another section. `what`: whose names are known, such as "a probe". */
export function unknownName(
  path: PropertyKey[],
  name: string,
  { what, known }: { what: string; known: readonly string[] },
): Problem[] {
  if (known.includes(name)) return [];
  return [{ path, message: `expected the name of ${what}, found "${name}"${suggestion(name, known)}` }];
}
