import { makeLeastRole } from '../../support/stages/least-role';
import { fillSample, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';
import { createDatabase } from '../../support/servers/servers';
import { rehearseOnCopy } from '../../support/stages/rehearsed';

let stage: SampleEnvironment;
beforeEach(async () => {
  stage = await openSampleEnvironment();
});
afterEach(() => stage.close());

test('rights that are not enough: an owner who may make no index in the schema', async () => {
  const worker = await makeLeastRole(stage);
  await expect(rehearseOnCopy(stage, { postgresUrl: worker.url })).resolves.toMatchObject({
    rehearsal: { passed: true },
  });
  await stage.database.query(`revoke create on schema public from ${worker.owner}`);
  const { findings } = await rehearseOnCopy(stage, { postgresUrl: worker.url });
  expect(findings).toMatchObject([
    { check: 'rehearsal on the copy', status: 'failed' },
    { check: 'rehearsal on the copy: finish', status: 'failed', found: expect.stringContaining('42501') },
  ]);
});

test('a log that the database keeps of its own changes grows on the way, which is told and stops nothing', async () => {
  for (const sql of [
    'create table ddl_log (id bigserial primary key, what text)',
    `insert into ddl_log (what) values ('before')`,
    `create function note() returns event_trigger language plpgsql security definer as $$ begin
       insert into public.ddl_log (what) values (tg_tag); end $$`,
    'create event trigger note on ddl_command_end execute function note()',
  ])
    await stage.database.query(sql);
  const { findings, rehearsal } = await rehearseOnCopy(stage);
  expect(rehearsal?.passed).toBe(true);
  expect(findings).toMatchObject([
    { check: 'rehearsal on the copy', status: 'passed' },
    {
      check: 'rehearsal on the copy: rows added to "public"."ddl_log"',
      status: 'not covered',
      found: expect.stringMatching(/^\d+ rows more, all others as they were/),
    },
  ]);
});

test('what the worker lacks is unknown and named; a policy may let it pass, in words', async () => {
  const database = await createDatabase({ on: 'extended' });
  await fillSample(database.url, 'production');
  await database.query('create extension citext');
  await database.query('create table emails (address citext)');
  const { findings } = await rehearseOnCopy(stage, { postgresUrl: database.url });
  expect(findings).toMatchObject([
    {
      check: 'rehearsal on the copy',
      status: 'unknown',
      found: expect.stringContaining('equal, but on a copy that lacks extension citext'),
      remedy: expect.stringContaining('rehearseOnCopy'),
    },
  ]);
  const told = await rehearseOnCopy(stage, { postgresUrl: database.url, rehearseOnCopy: 'where possible' });
  expect(told).toMatchObject({ findings: [{ status: 'not covered' }], rehearsal: { passed: false } });
  await database.drop();
});
