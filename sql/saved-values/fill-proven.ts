import type { Plan } from '../../contract/plan/plan';
import type { ComparedRemoval } from '../../contract/plan/removal';
import { countOf } from '../fill';
import { qualifiedName, quoteIdentifier } from '../identifier';
import { keyOf } from './kept-by';
import { proofOver, removedFrom } from './proof';
import { differ, isSet, isUnset } from './same-bytes';
import type { Statement } from '../statement';

/**
 * The fill of a column whose values are kept by their row and proven by another column. Who writes since the new release
 * serves changes that other column alone: then the kept value is out of date. So a row gets its kept value where the proof
 * holds for it and for what replaces it now; otherwise what follows from the replacement, if the proof says that.
 */

/** Whether a plan's values follow from what replaces them: then neither copy nor backup is needed to have them back. */
export const isDerivable = ({ proof }: Pick<Plan, 'proof'>): boolean =>
  proof !== undefined && removedFrom(proof, 'replacement') !== undefined;

interface Filled {
  removal: ComparedRemoval;
  proof: string;
  /** The column's. */
  type: string;
}

/**
 * Fills the rows of the pages from `$1` up to, not including, `$2` (`tid`). `overwrite`: also values that the proof does
 * not hold for any more; only as long as nobody writes the column.
 */
export function fillProvenRange(of: Filled, overwrite: boolean, relation = qualifiedName(of.removal)): Statement {
  const column = quoteIdentifier(of.removal.column);
  return {
    sql:
      `update only ${relation} as t set ${column} = ${valueNow(of)} ` +
      `where t.ctid >= $1::tid and t.ctid < $2::tid and ${isWrong(of, overwrite)}`,
    why: 'The value of each row, as far as it fits what has replaced it',
  };
}

/** How many rows a fill has something to do for. One `count`, of no more than `atMost`. */
export const countWrong = (of: Filled, overwrite: boolean, atMost?: number): string =>
  countOf(`${qualifiedName(of.removal)} as t where ${isWrong(of, overwrite)}`, atMost);

/** Of a column that is gone: rows that get a value, and rows that have a replacement and get none. */
export function forecastProven(all: readonly Filled[]): string {
  const rows = all.map((of) => {
    const { removal } = of;
    return `select ${isSet(valueNow(of))} as comes from ${qualifiedName(removal)} as t where ${isSet(replacementOf(removal))}`;
  });
  const counts = (name: string, condition: string): string =>
    `count(*) filter (where ${condition})::float8 as "${name}Rows", count(*) filter (where ${condition})::float8 as "${name}Values"`;
  return `select ${counts('restorable', 'f.comes')}, ${counts('lost', 'not f.comes')} from (${rows.join(' union all ')}) as f`;
}

function isWrong(of: Filled, overwrite: boolean): string {
  const { removal, proof } = of;
  const value = `t.${quoteIdentifier(removal.column)}`;
  const holds = proofOver(proof, { replacement: replacementOf(removal), removed: value });
  const outdated = overwrite ? ` or (${isSet(value)} and ${holds} is not true)` : '';
  return `(${isUnset(value)}${outdated}) and ${differ([valueNow(of)], [value])}`;
}

function valueNow({ removal, proof, type }: Filled): string {
  const replacement = replacementOf(removal);
  const kept = `(k.key::${type})`;
  const known =
    `(select ${kept} from rubicon_keys as k where k.hash = ${keyOf(removal, 't.')} ` +
    `and ${proofOver(proof, { replacement, removed: kept })})`;
  const derived = removedFrom(proof, replacement);
  if (derived === undefined) return known;
  return `coalesce(${known}, case when ${isSet(replacement)}${fitsInto(type, derived)} then ${derived}::${type} end)`;
}

const ranges: Record<string, string> = {
  smallint: '-32768 and 32767',
  integer: '-2147483648 and 2147483647',
  bigint: '-9223372036854775808 and 9223372036854775807',
};

/** What does not fit into the column is lost, instead of stopping the fill; text would be cut by the cast. */
function fitsInto(type: string, value: string): string {
  const [, longest] = /^character(?: varying)?\((\d+)\)$/.exec(type) ?? [];
  if (longest !== undefined) return ` and char_length(${value}) <= ${longest}`;
  const [, precision, scale] = /^numeric\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (precision !== undefined && scale !== undefined)
    return ` and abs(round(${value}::numeric, ${scale})) < 1e${Number(precision) - Number(scale)}::numeric`;
  return ranges[type] === undefined ? '' : ` and ${value} between ${ranges[type]}`;
}

const replacementOf = ({ replacedBy }: ComparedRemoval): string => `t.${quoteIdentifier(replacedBy)}`;
