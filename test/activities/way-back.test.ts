import { createAssessRollback } from '../../activities/assess-rollback';
import { createBackup } from '../../activities/backup';
import { createDrop } from '../../activities/drop';
import { createFillColumns } from '../../activities/fill-columns';
import { createFinishRestore } from '../../activities/finish-restore';
import { createProveBackup } from '../../activities/prove-backup';
import { createRestoreColumns } from '../../activities/restore-columns';
import { obstacles } from '../../contract/findings';
import { decide } from '../support/decided';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../support/sample-environment';

let stage: SampleEnvironment;
beforeAll(async () => (stage = await openSampleEnvironment()));
afterAll(() => stage.close());

test('thin', async () => {
  const { environment, find, database } = stage;
  const { plan, planDigest } = firstPlan();
  const run = newRun();
  const deps = { environment: find, electorate };
  const taken = await createBackup(deps)({ run, plan, planDigest });
  console.log(taken, await createProveBackup(deps)({ run, id: taken.id }));
  const { gate, votes } = await decide(environment, { run, plan, planDigest }, { name: 'production' });
  console.log(await createDrop(deps)({ run, plan, planDigest, backup: taken.id, gate, votes }));
  await database.query(`insert into sessions (title, owner_api_key_hash) values ('new', 'unknown')`);
  const assessed = await createAssessRollback(deps)({ target: 'agent-api', rollout: run.workflowId });
  console.log(JSON.stringify({ ...assessed, plan: undefined }, null, 1));
  const back = newRun('rollback');
  const lossy = await decide(
    environment,
    { run: back, plan, planDigest },
    { name: 'rollback', purpose: 'accept-loss' },
  );
  const input = { run: back, rollout: run, plan, planDigest, backup: taken.id, gate: lossy.gate, votes: lossy.votes };
  console.log(await createRestoreColumns(deps)(input));
  console.log(await createRestoreColumns(deps)(input));
  console.log(await createFillColumns(deps)(input));
  const finished = await createFinishRestore(deps)(input);
  console.log(JSON.stringify(finished));
  expect(obstacles(finished)).toEqual([]);
  console.log(await createFillColumns(deps)(input));
});
