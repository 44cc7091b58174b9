import type { IntrospectedIndexes } from '../../activities/catalogue/introspect-indexes';
import { nameOfRemoval, type Removes } from '../../contract/plan/removals';
import { readableSize } from '../../contract/text/plain-text';
import type { KindPart } from './plan-new-text';

/** Indexes alone, of tables that stay. */
export function indexesPart({ indexes, ...around }: IntrospectedIndexes, removes: Removes): KindPart {
  const names = removes.map(nameOfRemoval).join(', ');
  return {
    does: `Drop the indexes ${names}; fill in which queries they were for, and what serves those now.`,
    removes,
    says: `${indexes.map(({ name, definition, sizeBytes }) => `${name} has ${readableSize(sizeBytes)} in staging: ${definition}`).join('; ')}.`,
    what: names,
    sections: [
      '# queries: those that must stay fast without it, with the index that each of them is meant for; fill in.',
    ],
    around,
    hasRevision: true,
  };
}
