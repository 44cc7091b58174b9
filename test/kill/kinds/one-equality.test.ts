import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { comparedSchema, comparedTypes } from '../../support/inputs/compared-types';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { extendedKind } from '../../support/inputs/plan-kinds';
import { knownTo } from '../../support/inputs/known-plan';
import { dropNow } from '../../support/stages/ready-to-drop';

// Conditions mean the same in every step: counted, copied, hidden, dropped, forecast, back.

const tables = ['invoices', 'elsewhere', 'collated', 'spans'];

const kind = extendedKind(
  { removes: tables.map((table) => ({ table, where: { what: comparedTypes[table]!.value } })) },
  [
    ...comparedSchema(tables),
    `insert into invoices (what) select (array['acme', 'Acme', 'ACME', 'other'])[n % 4 + 1] from generate_series(1, 396) n`,
  ],
);

let at: KindStage;
beforeAll(async () => {
  at = await openKindStage(kind);
}, 60_000);
afterAll(() => at.stage.close());

/** By table: every row as text, as another session reads it. */
async function everything(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const rows = await at.query<{ row: string }>(`select t::text as row from ${table} t order by id`);
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

const numbers = (count: (table: string) => number) => Object.fromEntries(tables.map((table) => [table, count(table)]));
const beingRemoved = { ...numbers((table) => comparedTypes[table]!.same.length), invoices: 300 };

test('what is counted is what is copied, hidden, dropped, and comes back', async () => {
  const before = await everything();
  const classify = createClassifyRows({ environment: at.stage.find });
  const { rows } = await classify({
    ...{ target: 'agent-api', newReleaseServes: false },
    ...(await knownTo(at.stage.environment, kind.plan)),
  });
  expect(Object.fromEntries(rows.map(({ table, match }) => [table, match]))).toEqual(beingRemoved);

  await at.backUp();
  const all = Object.values(beingRemoved).reduce((sum, one) => sum + one, 0);
  await expect(dropNow(at.stage, at.prepared)).resolves.toMatchObject({ rows: { copied: all, dropped: all } });
  const left = await everything();
  expect(numbers((table) => before[table]!.length - left[table]!.length)).toEqual(beingRemoved);

  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: all } });
  await at.takeBack();
  await expect(everything()).resolves.toEqual(before);
});
