import { text } from 'node:stream/consumers';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { copyPairs, gatherPairs, judgePairs } from '../../sql/copy';
import { loadGrammar } from '../../sql/statements/grammar';
import { openSampleDatabase, samplePlan, type SampleDatabase } from '../support/stages/sample-database';

let database: SampleDatabase;
const hash = (key: string): string => `encode(sha256('${key}'), 'hex')`;

beforeAll(loadGrammar);
beforeAll(async () => {
  database = await openSampleDatabase('rubicon copy');
  await database.query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash)
     select n::text, 'k' || n % 2, encode(sha256(convert_to('k' || n % 2, 'UTF8')), 'hex') from generate_series(1, 10) n`,
  );
  await database.query(
    `insert into assistants (id, name, model, owner_api_key, owner_api_key_hash)
     values ('1', 'a', 'm', 'k1', ${hash('k1')}), ('2', 'a', 'm', 'k2', ${hash('k2')}), ('3', 'a', 'm', null, ${hash('k9')})`,
  );
});
afterAll(() => database.close());

/** What is wrong with the pairs, and the pairs themselves as they are copied. */
const gather = (removes = samplePlan.removes) =>
  database.postgres.withClient((client) =>
    withTransaction(client, {}, async () => {
      await runStatements(client, gatherPairs({ removes }));
      const { rows } = await client.query(judgePairs({ ...samplePlan, removes }, []));
      return { faults: rows[0], copied: await text(client.copyTo(copyPairs({ removes }, []))) };
    }),
  );

test('each pair once, in one table and over several; rows without a value do not count', async () => {
  const one = samplePlan.removes.slice(0, 1);
  const { faults, copied } = await gather(one);
  expect(faults).toMatchObject({ pairs: 2, rows: 10, withoutReplacement: 0, notProven: 0, ambiguous: 0 });
  expect(copied.trim().split('\n')).toEqual([expect.stringMatching(/^\w{64}\tk\d$/), expect.stringMatching(/\tk\d$/)]);
  const all = await gather();
  expect(all.faults).toMatchObject({ pairs: 3, withoutReplacement: 0, notProven: 0, ambiguous: 0 });
  expect(all.copied.match(/k\d/g)?.sort()).toEqual(['k0', 'k1', 'k2']);
});

test('each kind of fault is counted as what it is', async () => {
  await database.query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash)
     values ('open', 'o1', null), ('open too', 'o2', null), ('wrong', 'w', 'h'), ('two keys', 'w2', 'h')`,
  );
  expect((await gather()).faults).toMatchObject({
    pairs: 7,
    rows: 16,
    withoutReplacement: 2,
    notProven: 2,
    ambiguous: 1,
  });
});
