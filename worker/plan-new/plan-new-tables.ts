import { nameOfRemoval, type Removes } from '../../contract/plan/removals';
import { counted } from '../../contract/text/plain-text';
import type { IntrospectedTables } from '../../activities/catalogue/introspect-tables';
import { keyOf } from './plan-new-columns';
import type { KindPart } from './plan-new-text';

/** Whole tables. */
export function tablesPart({ tables, ...around }: IntrospectedTables): KindPart {
  const names = tables.map(({ table }) => table).join(', ');
  return {
    does: `Drop the tables ${names}; fill in why nothing needs them any more.`,
    removes: tables.map(({ table, primaryKey }) => ({ table, ...keyOf(primaryKey) })),
    says: `${tables.map(({ table, rows }) => `${table} has ${counted(rows.total, 'row')} in staging`).join('; ')}.`,
    what: names,
    sections: [],
    around,
    hasRevision: true,
  };
}

/** Rows of tables, chosen by the same values in each. */
export function rowsPart({ tables, ...around }: IntrospectedTables, asked: Removes): KindPart {
  const names = asked.map(nameOfRemoval).join(', ');
  return {
    does: `Delete the rows of ${names}; fill in whose they were, and why they can be deleted.`,
    // A table's own order of columns does not matter: each entry stays as it was asked for.
    removes: tables.map(({ table, primaryKey }, index) => ({
      table,
      where: asked[index]?.where ?? {},
      ...keyOf(primaryKey),
    })),
    says: `${tables.map(({ table, rows }) => `${table}: ${rows.removed} of ${counted(rows.total, 'row')} in staging`).join('; ')}.`,
    what: names,
    sections: [],
    around,
    hasRevision: true,
  };
}
