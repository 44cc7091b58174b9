import { counted } from '../../contract/text/plain-text';
import type { IntrospectedPartitions } from '../../activities/catalogue/introspect-partitions';
import { keyOf } from './plan-new-columns';
import type { KindPart } from './plan-new-text';

/** Old partitions, each with the table that it is detached from. */
export function partitionsPart({ partitions, ...around }: IntrospectedPartitions): KindPart {
  const names = partitions.map(({ table }) => table).join(', ');
  return {
    does: `Remove the partitions ${names}; fill in why nothing needs their rows any more.`,
    removes: partitions.map(({ table, of, primaryKey }) => ({ partition: table, of, ...keyOf(primaryKey) })),
    says: `${partitions.map(({ table, bound, rows }) => `${table} has rows ${bound}, ${counted(rows.total, 'row')} in staging`).join('; ')}.`,
    what: names,
    sections: [],
    around,
    hasRevision: true,
  };
}
