import { loadModule } from 'libpg-query';
import { runCases } from '../../fuzz/run-cases';
import { openFuzzServer, type FuzzServer } from '../../fuzz/server';

let server: FuzzServer;
beforeAll(async () => {
  await loadModule();
  server = await openFuzzServer();
});
afterAll(() => server.close());

const seeds = [...Array.from({ length: 300 }, (_, index) => 1_001 + index), 4_008, 4_012, 4_021];

test(
  `${seeds.length} random databases and plans go there and back, or are refused with a remedy that works`,
  async () => {
    const said: string[] = [];
    const order = { seeds, provenEvery: 10, jobs: 2, shrinks: false, say: (line: string) => void said.push(line) };
    const failed = await runCases(server, order);
    console.log(said.join('\n')); // what was covered, for whoever looks for what was not
    expect(failed).toEqual([]);
    const [, whole = 0] = /(\d+) there and back/.exec(said.at(-1) ?? '') ?? [];
    expect(Number(whole)).toBeGreaterThan(seeds.length / 2); // a machine that is refused everything shows nothing
  },
  60 * 60_000,
);
