import { captureRemovals, changedCaptures } from '../../../activities/catalogue/capture-removals';
import type { Capture } from '../../../activities/catalogue/captured-columns';
import type { Plan } from '../../../contract/plan/plan';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

// What goes must be what was captured; what the server notes by the order in which things were made is no change.

let stage: SampleEnvironment;
beforeAll(async () => {
  stage = await openSampleEnvironment('staging');
  await stage.database.query(`
    create table log (at date not null, said text, primary key (at)) partition by range (at);
    create table log_2023 partition of log for values from ('2023-01-01') to ('2024-01-01');
    create table log_rest partition of log default;
    create index log_said on log (said)`);
});
afterAll(() => stage.close());

const capture = (plan: Pick<Plan, 'removes'>): Promise<Capture[]> =>
  openPostgres({ url: stage.environment.postgresUrl, applicationName: 'test' }).withClient((client) =>
    captureRemovals({ client, environment: stage.environment }, plan),
  );

/** Whether it counts as changed by these statements. */
async function isChanged(plan: Pick<Plan, 'removes'>, sql: string): Promise<boolean> {
  const before = await capture(plan);
  await stage.database.query(sql);
  const after = await capture(plan);
  expect(JSON.stringify(after)).not.toBe(JSON.stringify(before)); // the server does say something else
  return changedCaptures(plan, before, after).length > 0;
}

const partition = { removes: [{ partition: 'log_2023', of: 'log', primaryKey: ['at'] }] };
const columns = { removes: [{ column: 'assistants.owner_api_key' }] };

test('a partition that was built again and attached is the one that there was', async () => {
  const rebuilt = `alter table log detach partition log_2023; drop table log_2023;
    create table log_2023 (at date not null, said text, primary key (at));
    create index log_2023_said_idx on log_2023 (said);
    alter table log attach partition log_2023 for values from ('2023-01-01') to ('2024-01-01')`;
  await expect(isChanged(partition, rebuilt)).resolves.toBe(false);
});

test('how an index stores a column is taken from its table when it is made', async () => {
  const noted = `alter table assistants alter owner_api_key set storage external;
    reindex index idx_assistants_owner_api_key; alter table assistants alter owner_api_key set storage extended`;
  const before = await capture(columns);
  await stage.database.query(noted);
  expect(changedCaptures(columns, before, await capture(columns))).toEqual([]);
});

test.each([
  ['a comment', columns, `comment on column assistants.owner_api_key is 'otherwise'`],
  ['a right', columns, 'grant select (owner_api_key) on assistants to public'],
  ['an index', columns, 'create index one_more on assistants (owner_api_key)'],
  ['a comment on a partition', partition, `comment on table log_2023 is 'otherwise'`],
  ['a constraint of a partition', partition, `alter table log_2023 add constraint said check (said <> '')`],
])('%s is a change', async (_, plan, sql) => {
  await expect(isChanged(plan, sql)).resolves.toBe(true);
});
