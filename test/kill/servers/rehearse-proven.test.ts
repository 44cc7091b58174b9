import { createBackup } from '../../../activities/backup/backup';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { requireRehearsed } from '../../../activities/backup/proven-backup';
import { createRehearseOnCopy } from '../../../activities/rehearsal/rehearse-on-copy';
import { rowThatFillsItsPage } from '../../support/inputs/full-page';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// A rehearsal with a sample, then with all rows. What stops it there: test/activities/rehearsal/rehearse-proven.test.ts.

let stage: SampleEnvironment;
beforeAll(async () => {
  stage = await openSampleEnvironment('staging');
  for (const sql of rowThatFillsItsPage) await stage.database.query(sql);
});
afterAll(() => stage.close());

test('a sample does not say what only the rows say; once they are mended the next attempt takes another backup, and passes', async () => {
  const of = { environment: stage.find };
  const order = { run: newRun(), ...firstPlan() };
  await expect(createRehearseOnCopy(of)(order)).resolves.toMatchObject({
    rehearsal: { passed: true, extent: 'sample' },
  });

  const { id } = await createBackup(of)(order);
  const refuted = await createProveBackup(of)({ run: order.run, id });
  expect(refuted.rehearsal).toMatchObject({ passed: false, extent: 'all rows' });
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
