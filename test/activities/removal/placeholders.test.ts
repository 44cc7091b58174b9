import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFreeze } from '../../../activities/removal/freeze';
import { createUnhide } from '../../../activities/removal/unhide';
import { obstacles } from '../../../contract/run/findings';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { newPlaceholder } from '../../../sql/saved-values/placeholder';
import { decide } from '../../support/stages/decided';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { knownTo } from '../../support/inputs/known-plan';
import { whileServing } from '../../support/faults/while-serving';

/** What an earlier way back has left of rows that nobody knew the key of. */

const { plan, planDigest } = firstPlan();
const unknown = hashOfKey('of a client who came in the trial');
let stage: SampleEnvironment;
beforeEach(async () => {
  stage = await openSampleEnvironment();
  await query(`insert into sessions (title, owner_api_key, owner_api_key_hash) values
    ('closed', ${newPlaceholder}, '${unknown}'), ('closed', ${newPlaceholder}, '${unknown}'), ('closed', ${newPlaceholder}, null)`);
});
afterEach(() => stage.close());

const query = (sql: string) => stage.database.query(sql);
const deps = { environment: () => stage.environment, electorate };
const closed = () =>
  query(`select owner_api_key as key, owner_api_key_hash as hash from sessions where title = 'closed' order by 2`);
const classify = async (newReleaseServes: boolean) =>
  createClassifyRows(deps)({ target: 'agent-api', ...(await knownTo(stage.environment, plan)), newReleaseServes });
const approved = async () => {
  const prepared = { run: newRun(), plan, planDigest, backup: 'none' };
  return { ...prepared, ...(await decide(stage.environment, prepared, { name: 'production' })) };
};

test.each([false, true])(
  'they count as no value, and nobody is told to mend them (new release serves: %s)',
  async (serves) => {
    const { rows, findings } = await classify(serves);
    expect(rows[1]).toMatchObject({
      total: 417,
      match: 409,
      mismatch: 0,
      replacementWithoutValue: 2,
      public: 6,
      placeholders: 3,
    });
    expect(obstacles(findings)).toEqual([]);
    expect(findings.map(({ check, found }) => `${check}: ${found}`)).toContain(
      'rows of sessions with an unusable placeholder: 3',
    );
  },
);

test('what only begins like one is a value, and judged as one; under the new release nobody is told to overwrite a hash', async () => {
  await query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('odd', '!rubicon:no-key:x', '${unknown}')`,
  );
  const [before, after] = [await classify(false), await classify(true)];
  expect(obstacles(before.findings).map(({ check, found, remedy }) => `${check}: ${found}; ${remedy}`)).toEqual([
    'rows of sessions whose proof does not hold: 1 of 418; their owners would be locked out: run the hash back-fill, then start the rollout again',
  ]);
  expect(obstacles(after.findings)[0]?.remedy).toMatch(
    /^the release that serves authenticates by the hash alone: .*never run the back-fill/,
  );
});

test('the final copy has none of them: as many owners as without', async () => {
  const ready = await approved();
  const { id: freeze, placeholders } = await createFreeze(deps)(ready);
  expect(placeholders).toBeUndefined(); // nobody knows which release serves: they stay, closed
  const { pairs } = await createFinalCopy(deps)({ ...ready, freeze });
  const [owners] = await query(`select count(distinct hash)::int as count from (
    select owner_api_key_hash as hash from sessions where title <> 'closed' union all select owner_api_key_hash from assistants) o`);
  expect(owners).toEqual({ count: pairs });
});

test('the freeze sets them to null while the new release serves, and leaves them while the old one does', async () => {
  const ready = await approved();
  const [before] = await query(updatedAt);
  await whileServing(stage, 'phase2', async () => {
    await expect(createFreeze(deps)(ready)).resolves.not.toHaveProperty('placeholders');
  });
  expect((await closed()).map(({ key }) => key)).toEqual([ours, ours, ours]);
  await createUnhide(deps)(ready);
  await whileServing(stage, 'phase3', async () => {
    await expect(createFreeze(deps)(ready)).resolves.toMatchObject({ placeholders: 3 });
    await expect(createFreeze(deps)(ready)).resolves.not.toHaveProperty('placeholders'); // it is frozen already
  });
  expect(await closed()).toEqual([
    { key: null, hash: unknown },
    { key: null, hash: unknown },
    { key: null, hash: null },
  ]);
  expect(await query(updatedAt)).toEqual([before]); // and nothing else
});

test.each([
  ['not null', 'alter table sessions alter owner_api_key set not null'],
  ['a rule of its own', 'alter table sessions add check (owner_api_key is not null or owner_api_key_hash is null)'],
])('they stay where the table has %s, and the freeze goes on', async (_, rule) => {
  await query(`delete from sessions where owner_api_key is null`);
  await query(rule);
  const ready = await approved();
  await whileServing(stage, 'phase3', async () => {
    await expect(createFreeze(deps)(ready)).resolves.not.toHaveProperty('placeholders');
  });
  expect((await closed()).map(({ key }) => key)).toEqual([ours, ours, ours]);
});

const ours = expect.stringMatching(/^!rubicon:no-key:/) as string;
const updatedAt = `select sum(extract(epoch from updated_at))::text as all, count(owner_api_key)::int - count(*) filter (where title = 'closed' and owner_api_key is not null)::int as values from sessions`;
