import { loadModule } from 'libpg-query';
import type { Fault } from '../../fuzz/carried';
import { makeCase, type Case } from '../../fuzz/make/make-case';
import { orderOf } from '../../fuzz/run-cases';
import { runCase } from '../../fuzz/run-case';
import { scriptOf } from '../../fuzz/make/script';
import { openFuzzServer, type FuzzServer } from '../../fuzz/server';
import { shrink } from '../../fuzz/shrink';

// The machine of `npm run test:fuzz` finds what was planted, and says it in few statements.

/** A busy machine tries the same cases, more slowly: what counts is how small it gets. */
const limitMs = 20 * 60_000;
jest.setTimeout(limitMs + 300_000);

let server: FuzzServer;
beforeAll(async () => {
  await loadModule();
  server = await openFuzzServer();
});
afterAll(() => server.close());

/** The first case from this seed on whose plan keeps values: only such a walk has a moment for writes of others. */
function firstWithValues(seed: number): Case {
  const made = makeCase(seed);
  return made.kind === 'by row' ? made : firstWithValues(seed + 1);
}

test('a difference that nobody meant is found, and made small', async () => {
  const made = firstWithValues(4001);
  const parts = [...orderOf(server, made).parts];
  const bystander = parts.findLast(({ table }) => table !== undefined)!;
  const sql = `comment on table ${bystander.table?.name} is 'what an effect of ours has done by mistake'`;
  parts.push({ id: 'planted', features: [], needs: [bystander.id], write: { sql, as: bystander.table?.as ?? '' } });
  const verdict = await runCase(server, made, { parts });
  expect(verdict).toMatchObject({ outcome: 'fault', kind: 'differs: COMMENT' });
  const small = await shrink(server, { made, order: { parts } }, verdict as Fault, limitMs);
  const tables = small.order.parts.filter(({ table }) => table !== undefined);
  expect(tables).toHaveLength(2); // of the plan, and the one that was changed
  expect(small.order.parts.map(({ id }) => id)).toContain('planted');
  expect(scriptOf(small.made, small.order.parts)).toContain(sql);
});
