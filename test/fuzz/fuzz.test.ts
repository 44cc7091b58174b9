import { loadModule } from 'libpg-query';
import { makeCase } from './make/make-case';
import { orderOf, wordsOf } from './run-cases';
import { runCase } from './run-case';
import { openFuzzServer, type FuzzServer } from './server';

// Some seeds of `npm run test:fuzz`, which has any number of them; see docs/decisions.
const seeds = [4001, 4025];

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

test('the same seed is the same case', () => {
  expect(makeCase(7)).toEqual(makeCase(7));
  expect(JSON.stringify(makeCase(8).parts)).not.toBe(JSON.stringify(makeCase(7).parts));
});
