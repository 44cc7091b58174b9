import type { KindStage } from '../stages/kind-stage';
import { comparedSchema, comparedTypes } from './compared-types';
import { extendedKind } from './plan-kinds';

// Rows that are chosen by conditions whose type has an equality of its own; in one table many of them.

const tables = ['invoices', 'elsewhere', 'collated', 'spans'];

/** Four tables, of each the rows that a condition means. */
export const comparedRows = extendedKind(
  { removes: tables.map((table) => ({ table, where: { what: comparedTypes[table]!.value } })) },
  [
    ...comparedSchema(tables),
    `insert into invoices (what) select (array['acme', 'Acme', 'ACME', 'other'])[n % 4 + 1] from generate_series(1, 396) n`,
  ],
);

/** By table: every row as text, as another session reads it. */
export async function allComparedRows(at: KindStage): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const rows = await at.query<{ row: string }>(`select t::text as row from ${table} t order by id`);
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

/** Of each table. */
export const byComparedTable = (count: (table: string) => number): Record<string, number> =>
  Object.fromEntries(tables.map((table) => [table, count(table)]));

/** How many of each table go. */
export const comparedAndGone: Record<string, number> = {
  ...byComparedTable((table) => comparedTypes[table]!.same.length),
  invoices: 300,
};
