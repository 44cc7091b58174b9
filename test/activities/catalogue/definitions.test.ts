import { createCaptureDefinitions } from '../../../activities/catalogue/definitions';
import { compareDefinitions } from '../../../workflows/steps/compare-definitions';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

const { plan } = firstPlan();
let staging: SampleEnvironment;
let production: SampleEnvironment;
beforeEach(async () => {
  [staging, production] = await Promise.all([openSampleEnvironment('staging'), openSampleEnvironment('production')]);
});
afterEach(() => Promise.all([staging.close(), production.close()]));

const definitionsOf = ({ find }: SampleEnvironment, removes = plan.removes) =>
  createCaptureDefinitions({ environment: find })({ target: 'agent-api', removes });
const compared = async (removes = plan.removes) =>
  compareDefinitions(await definitionsOf(staging, removes), await definitionsOf(production, removes));

test('what has the same definitions passes, whoever owns it', async () => {
  await staging.database.query('create role owner_of_staging; alter table sessions owner to owner_of_staging');
  await expect(compared()).resolves.toMatchObject([{ status: 'passed', found: 'the same' }]);
  await staging.database.query('alter table sessions owner to postgres; drop role owner_of_staging');
});

test("what an application's own downgrade has left in staging is asked about: another type, a full index", async () => {
  await staging.database.query(`alter table assistants drop column owner_api_key, add column owner_api_key varchar(255);
    create index idx_assistants_owner_api_key on assistants (owner_api_key)`);
  const [differing] = await compared();
  expect(differing).toMatchObject({
    check: "staging: definitions against production's",
    status: 'possible',
    remedy: expect.stringContaining('bring staging to what production has'),
  });
  expect(differing?.found).toContain(
    'index public.idx_assistants_owner_api_key is "CREATE INDEX idx_assistants_owner_api_key ON public.assistants USING btree (owner_api_key)" in staging',
  );
  expect(differing?.found).toContain(
    'table column public.assistants.owner_api_key is "character varying(255)" in staging, "character varying(256)" in production',
  );
});

test.each([
  ['an index', 'create index by_key on sessions (owner_api_key, status)', /^index public\.by_key is not in staging/],
  ['a default', `alter table sessions alter owner_api_key set default 'what-nobody-may-see'`, /owner_api_key/],
])('%s that production alone has is asked about, without what may be a value', async (_, sql, found) => {
  await production.database.query(sql);
  const [differing] = await compared();
  expect(differing).toMatchObject({ status: 'possible', found: expect.stringMatching(found) });
  expect(JSON.stringify([differing, await definitionsOf(production)])).not.toContain('what-nobody-may-see');
});

test('another comment is told, and nobody is asked', async () => {
  await production.database.query(`comment on column sessions.owner_api_key is 'otherwise'`);
  await expect(compared()).resolves.toMatchObject([
    { status: 'passed' },
    { status: 'not covered', found: 'other comments or settings of table column public.sessions.owner_api_key' },
  ]);
});

test('a whole table is compared with all that belongs to it', async () => {
  const removes = [{ table: 'usage_events' }];
  await expect(compared(removes)).resolves.toMatchObject([{ status: 'passed' }]);
  await staging.database.query('alter table usage_events add check (amount >= 0)');
  await expect(compared(removes)).resolves.toMatchObject([
    { status: 'possible', found: expect.stringContaining('is not in production') },
  ]);
});

test('where staging carries the change, or another version serves, it is told that nothing was compared', async () => {
  const there = await definitionsOf(production);
  expect(compareDefinitions(undefined, there)).toMatchObject([{ status: 'not covered' }]);
  expect(compareDefinitions({ ...there, major: 15 }, there)).toMatchObject([{ status: 'not covered' }]);
  expect(compareDefinitions(there, undefined)).toEqual([]);
});
