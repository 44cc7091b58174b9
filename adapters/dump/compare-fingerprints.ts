import type { TableFingerprint } from '../rows/fingerprint';
import { sqlName } from '../postgres/sql-name';

/** One difference; texts for people, without values. */
export interface Difference {
  /** Quoted name of the table, or what else it is about: `file`, `archive`. */
  where: string;
  expected: string;
  found: string;
}

/**
 * What differs between two sets of fingerprints; none = the same rows in the same columns of the same tables. An empty
 * expectation is a difference: it proves nothing.
 */
export function compareFingerprints(
  expected: readonly TableFingerprint[],
  found: readonly TableFingerprint[],
): Difference[] {
  if (expected.length === 0)
    return [
      { where: 'fingerprints', expected: 'those of at least one table', found: 'none: nothing could be compared' },
    ];
  const rest = new Map(found.map((fingerprint) => [sqlName(fingerprint), fingerprint]));
  const differences = expected.flatMap((one) => {
    const where = sqlName(one);
    const other = rest.get(where);
    rest.delete(where);
    return other === undefined ? [{ where, expected: 'the table', found: 'no such table' }] : differ(where, one, other);
  });
  const unexpected = [...rest.keys()].map((where) => ({ where, expected: 'no such table', found: 'a table' }));
  return [...differences, ...unexpected];
}

function differ(where: string, expected: TableFingerprint, found: TableFingerprint): Difference[] {
  const differences: Difference[] = [];
  if (expected.columnsSha256 !== found.columnsSha256)
    differences.push({ where, expected: 'the same columns', found: 'different names, types or order' });
  if (expected.rowCount !== found.rowCount)
    differences.push({ where, expected: `${expected.rowCount} rows`, found: `${found.rowCount} rows` });
  else if (expected.rowsHash !== found.rowsHash)
    differences.push({ where, expected: 'the same values in every row', found: 'at least one different value' });
  return differences;
}
