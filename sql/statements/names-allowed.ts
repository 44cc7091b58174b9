import { shown } from '../../contract/text/faults';
import { nearest } from '../../contract/text/nearest';
import { StatementFault } from './statement-fault';
import { partsOf } from './tree';

/** What one dialect may name. */
export interface Names {
  functions: ReadonlySet<string>;
  operators: ReadonlySet<string>;
  types: ReadonlySet<string>;
}

/** @throws StatementFault for a function of anybody else's, or one that is not on the list */
export function checkFunction(names: unknown, { functions }: Names, place: number | undefined): string {
  const name = partsOf(names).at(-1) ?? '';
  if (isOfSystem(names) && functions.has(name)) return name;
  const found = shown(partsOf(names).join('.'));
  const meant = nearest(name, [...functions]);
  throw new StatementFault(
    `expected a function of the list in docs/plan-author.md ("SQL in a plan"), found ${found}${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    place,
  );
}

/** @throws StatementFault likewise */
export function checkOperator(names: unknown, { operators }: Names, place: number | undefined): string {
  const symbol = partsOf(names).at(-1) ?? '';
  if (isOfSystem(names) && operators.has(symbol)) return symbol;
  const found = shown(partsOf(names).join('.'));
  throw new StatementFault(`expected an operator of ${[...operators].join(' ')}, found ${found}`, place);
}

/** @throws StatementFault likewise */
export function checkType(names: unknown, { types }: Names, place: number | undefined): void {
  const name = usualName(names);
  if (isOfSystem(names) && types.has(name)) return;
  const found = shown(partsOf(names).join('.'));
  throw new StatementFault(`expected a cast to ${[...types].join(', ')}, found one to ${found}`, place);
}

const usualNames: Readonly<Record<string, string>> = {
  ...{ int2: 'smallint', int4: 'integer', int8: 'bigint', float4: 'real', float8: 'double precision', bool: 'boolean' },
  ...{ varchar: 'character varying', bpchar: 'character' },
};

/** Of a type, as people write it. */
export function usualName(names: unknown): string {
  const name = partsOf(names).at(-1) ?? '';
  return usualNames[name] ?? name;
}

/** A name without a schema, or of the system's. */
function isOfSystem(names: unknown): boolean {
  const parts = partsOf(names);
  return parts.length === 1 || (parts.length === 2 && parts[0] === 'pg_catalog');
}
