import { loadModule } from 'libpg-query';
import type { Fault } from './carried';
import { makeCase } from './make-case';
import { orderOf, wordsOf } from './run-cases';
import { runCase } from './run-case';
import { scriptOf } from './script';
import { openFuzzServer, type FuzzServer } from './server';
import { shrink } from './shrink';

// Some seeds of `npm run test:fuzz`, which has any number of them; see docs/decisions.
const seeds = [4001, 4003, 4005, 4008, 4009, 4012, 4013, 4016, 4019, 4021, 4025, 4029];

let server: FuzzServer;
beforeAll(async () => {
  await loadModule();
  server = await openFuzzServer();
});
afterAll(() => server.close());

test.each(seeds)(
  'the random database and plan of seed %i go there and back, or are refused with a remedy',
  async (seed) => {
    const made = makeCase(seed);
    const verdict = await runCase(server, made, orderOf(server, made));
    expect({ words: wordsOf(verdict), text: 'text' in verdict ? verdict.text : '' }).toEqual({
      words: expect.stringMatching(/^(?:there and back|put back|beyond this plan)/),
      text: '',
    });
  },
  180_000,
);

test('a difference that nobody meant is found, and made small', async () => {
  const made = makeCase(seeds[0]!);
  const parts = [...orderOf(server, made).parts];
  const bystander = parts.findLast(({ table }) => table !== undefined)!;
  const sql = `comment on table ${bystander.table?.name} is 'what an effect of ours has done by mistake'`;
  parts.push({ id: 'planted', features: [], needs: [bystander.id], write: { sql, as: bystander.table?.as ?? '' } });
  const verdict = await runCase(server, made, { parts });
  expect(verdict).toMatchObject({ outcome: 'fault', kind: 'differs: COMMENT' });
  const small = await shrink(server, { made, order: { parts } }, verdict as Fault);
  const tables = small.order.parts.filter(({ table }) => table !== undefined);
  expect(tables).toHaveLength(2); // of the plan, and the one that was changed
  expect(small.order.parts.map(({ id }) => id)).toContain('planted');
  expect(scriptOf(small.made, small.order.parts)).toContain(sql);
}, 180_000);

test('the same seed is the same case', () => {
  expect(makeCase(7)).toEqual(makeCase(7));
  expect(JSON.stringify(makeCase(8).parts)).not.toBe(JSON.stringify(makeCase(7).parts));
});
