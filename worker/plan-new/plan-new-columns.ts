import { parseColumnName, shortTableName, shownPart, writtenName, writtenShort } from '../../contract/text/object-name';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import type { Introspected } from '../../activities/catalogue/introspect';
import { yaml, type KindPart } from './plan-new-text';

/** Columns, with what stands for them where something does. */
export function columnsPart({ columns, proof, ...around }: Introspected): KindPart {
  const names = columns.map(({ column }) => column).join(', ');
  const [first] = columns;
  return {
    does: `Drop ${names}; fill in what requests use instead.`,
    removes: columns.map(({ column, replacedBy, primaryKey }) => ({
      column,
      ...(replacedBy !== undefined && { replacedBy: writtenName(replacedBy) }),
      ...(replacedBy === undefined && keyOf(primaryKey)),
    })),
    says: `${columns.map(({ column, type }) => `${column} is ${type}`).join('; ')}.`,
    what: first?.column ?? '',
    sections: [
      ...(proof === undefined
        ? ['# proof: no column was found whose values follow from these; values are kept by their row.']
        : [yaml({ proof }, 'Held for each row that was looked at; preflight looks at all of them.')]),
      ...queriesOf(columns),
    ],
    ...(first !== undefined && { lacks: parseColumnName(first.column).column }),
    around,
    hasRevision: true,
  };
}

/** Written where it is not the usual one. */
export const keyOf = (primaryKey: readonly string[]): { primaryKey?: string[] } =>
  primaryKey.length === 0 || primaryKey.join() === 'id'
    ? {}
    : { primaryKey: primaryKey.map((name) => writtenName(name)) };

function queriesOf(columns: Introspected['columns']): string[] {
  const queries = columns.flatMap(({ column, replacedBy, index, primaryKey }) => {
    if (index === undefined || replacedBy === undefined) return [];
    const place = parseColumnName(column);
    const key = primaryKey.map(quoteIdentifier).join(', ') || '1';
    const table = place.schema === 'public' ? quoteIdentifier(place.table) : qualifiedName(place);
    const sql = `select ${key} from ${table} where ${quoteIdentifier(replacedBy)} = $1 order by ${key} limit 20`;
    const sample = writtenShort({ ...place, column: replacedBy });
    return [{ name: `rows of ${shortTableName(place)} by ${shownPart(replacedBy)}`, sql, sample, index }];
  });
  return queries.length === 0
    ? []
    : [yaml({ queries }, 'Fill in the statements as the new release sends them; each must use its index.')];
}
