import { createBackup } from '../../../activities/backup/backup';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { requireRehearsed } from '../../../activities/backup/proven-backup';
import { readState } from '../../support/looks/database-state';
import { rowThatFillsItsPage } from '../../support/inputs/full-page';
import { dumpDefinitions } from '../../support/looks/definitions';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// With all rows of a proven backup, before its throw-away server is destroyed. What a sample says, and the next attempt:
// test/kill/servers/rehearse-proven.test.ts.

let stage: SampleEnvironment;
beforeAll(async () => {
  stage = await openSampleEnvironment('staging');
  for (const sql of rowThatFillsItsPage) await stage.database.query(sql);
});
afterAll(() => stage.close());

test('what only the rows say stops it before anything real is touched, and no drop will take that backup', async () => {
  const of = { environment: stage.find };
  const order = { run: newRun(), ...firstPlan() };
  const look = async () => [dumpDefinitions(stage.database), await readState(stage.database)];
  const before = await look();
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
});
