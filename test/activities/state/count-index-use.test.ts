import { createCountIndexUse } from '../../../activities/state/count-index-use';
import { runStatements } from '../../../adapters/postgres/statements';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { hideStatements } from '../../../sql/hide';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

const { plan } = firstPlan();
let stage: SampleEnvironment;
beforeAll(async () => (stage = await openSampleEnvironment()));
afterAll(() => stage.close());

/** A session of its own: what it has read is counted for certain when it has ended. */
async function run(...statements: string[]): Promise<void> {
  const postgres = openPostgres({ url: stage.database.url, applicationName: 'a report' });
  await postgres.withClient((client) =>
    runStatements(
      client,
      statements.map((sql) => ({ sql })),
    ),
  );
  await postgres.close();
}

test('a read of an index by a column that stays is counted, whatever the other one is called', async () => {
  const countUse = () => createCountIndexUse({ environment: stage.find })({ target: 'agent-api', ...plan });
  await expect(countUse()).resolves.toEqual([]); // the others serve the removed column alone

  await run('create index by_date on sessions (created_at) where owner_api_key is not null');
  const use = { index: 'by_date', table: 'sessions', others: ['created_at'] };
  await expect(countUse()).resolves.toEqual([{ ...use, scans: 0 }]);
  await run(...hideStatements(plan).map(({ sql }) => sql));
  await run(
    'set enable_seqscan = off',
    'select count(*) from sessions where created_at > now() and rubicon_hidden_owner_api_key is not null',
  );
  await expect(countUse()).resolves.toEqual([{ ...use, scans: 1 }]);
});
