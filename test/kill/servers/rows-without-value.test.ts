import { createRehearseOnCopy } from '../../../activities/rehearsal/rehearse-on-copy';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { newPlaceholder } from '../../../sql/saved-values/placeholder';
import {
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

/** Rows that no rollback gives a value back to, since they have none: written by the new release, or closed by an earlier rollback. */

let stage: SampleEnvironment;
beforeEach(async () => (stage = await openSampleEnvironment()));
afterEach(() => stage.close());

test('the new release may have served before: its rows, and placeholders, are no difference and no loss', async () => {
  const { query } = stage.database;
  const [newer, closed] = [hashOfKey('of a client who came later'), hashOfKey('of one who was closed')];
  await query(`insert into sessions (title, owner_api_key_hash) values ('new', '${newer}');
    insert into sessions (title, owner_api_key_hash) select 'new', owner_api_key_hash from sessions where owner_api_key is not null limit 3;
    insert into assistants (id, name, model, owner_api_key, owner_api_key_hash) values ('closed', 'a', 'm', ${newPlaceholder}, '${closed}')`);
  const { findings, rehearsal } = await createRehearseOnCopy({ environment: stage.find })({
    run: newRun(),
    ...firstPlan(),
  });
  expect(findings).toMatchObject([{ check: 'rehearsal on the copy', status: 'passed' }]);
  expect(rehearsal).toMatchObject({ passed: true });
});
