import { createBackup } from '../../../activities/backup/backup';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { requireRehearsed } from '../../../activities/backup/proven-backup';
import { createRehearseOnCopy } from '../../../activities/rehearsal/rehearse-on-copy';
import { readState } from '../../support/looks/database-state';
import { rowThatFillsItsPage } from '../../support/inputs/full-page';
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
  for (const sql of rowThatFillsItsPage) await stage.database.query(sql);
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
