import { createBackup } from '../../../activities/backup/backup';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { requireRehearsed } from '../../../activities/backup/proven-backup';
import { createRehearseOnCopy } from '../../../activities/rehearsal/rehearse-on-copy';
import { readState } from '../../support/looks/database-state';
import { dumpDefinitions } from '../../support/looks/definitions';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// With all rows of a proven backup, before its throw-away server is destroyed.

let stage: SampleEnvironment;
beforeAll(async () => {
  stage = await openSampleEnvironment();
  // One row among many that no sample holds. It fills its page to the last byte: once a column of it was dropped, each
  // new version of it notes which values are null, and has no room for that.
  for (const sql of [
    'alter table sessions add padding oidvector', // of a type that is never moved out of its row
    `insert into sessions select r.* from (select * from sessions where owner_api_key is not null limit 1) s, generate_series(1, 5200) n,
       jsonb_populate_record(null::sessions, to_jsonb(s) || jsonb_build_object('id', md5(n::text)::uuid)) r`,
    `do $$ declare one record; begin
       select * into one from sessions where id = md5('1200')::uuid;
       for length in reverse 2040..1700 loop
         begin
           update sessions set padding = array_to_string(array_fill(1, array[length]), ' ')::oidvector where id = one.id;
           exit;
         exception when program_limit_exceeded then null;
         end;
       end loop;
     end $$`,
  ])
    await stage.database.query(sql);
});
afterAll(() => stage.close());

test('what only the rows say stops it before anything real is touched, and no drop will take that backup', async () => {
  const of = { environment: stage.find };
  const order = { run: newRun(), ...firstPlan() };
  const look = async () => [dumpDefinitions(stage.database), await readState(stage.database)];
  const before = await look();
  await expect(createRehearseOnCopy(of)(order)).resolves.toMatchObject({
    rehearsal: { passed: true, extent: 'sample' },
  });

  const { id } = await createBackup(of)(order);
  const { findings, rehearsal, destroyed } = await createProveBackup(of)({ run: order.run, id });
  expect({ destroyed, rehearsal }).toMatchObject({ destroyed: true, rehearsal: { passed: false, extent: 'all rows' } });
  expect(findings).toMatchObject([
    { check: 'rehearsal on the copy', status: 'failed' },
    {
      check: 'rehearsal on the copy: refill',
      status: 'failed',
      found: expect.stringContaining('54000'),
      remedy: expect.stringContaining('nothing real was touched'),
    },
  ]);
  expect(await look()).toEqual(before);
  await expect(requireRehearsed(stage.environment, id)).rejects.toMatchObject({ type: 'BackupNotProven' });

  await stage.database.query(`update sessions set padding = '1' where padding is not null`);
  await stage.database.query(`insert into rubicon.throttle (reason) values ('someone rests the database')`); // not its copies
  const another = await createBackup(of)(order);
  expect(another.id).not.toBe(id); // a retry takes a new one
  const proof = await createProveBackup(of)({ run: order.run, id: another.id });
  expect(proof.rehearsal).toMatchObject({ passed: true, rows: expect.any(Number) });
  await expect(requireRehearsed(stage.environment, another.id)).resolves.toBeUndefined();
  await expect(createProveBackup(of)({ run: order.run, id: another.id })).resolves.toEqual(proof);
});
