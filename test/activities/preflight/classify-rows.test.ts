import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { withSessions } from '../../../activities/environment/database';
import { relationsOf } from '../../../adapters/rows/pages';
import { obstacles } from '../../../contract/run/findings';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { asActivity } from '../../support/looks/as-activity';
import { readState } from '../../support/looks/database-state';
import { knownTo } from '../../support/inputs/known-plan';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

const { plan } = firstPlan();
let stage: SampleEnvironment;
beforeAll(async () => (stage = await openSampleEnvironment()));
afterAll(() => stage.close());

const classify = async (newReleaseServes = false) =>
  createClassifyRows({ environment: stage.find })({
    ...{ target: 'agent-api', newReleaseServes },
    ...(await knownTo(stage.environment, plan)),
  });
const insert = (title: string, key: string | null, hash: string | null) =>
  stage.database.query('insert into sessions (title, owner_api_key, owner_api_key_hash) values ($1, $2, $3)', [
    ...[title, key, hash],
  ]);

const sample = { mismatch: 0, valueWithoutReplacement: 0, replacementWithoutValue: 0, public: 5 };

test('the sample passes, odd keys and public rows included, and stays as it is', async () => {
  const before = await readState(stage.database);
  const { rows, findings } = await classify();
  expect(rows).toEqual([
    { table: 'assistants', column: 'owner_api_key', total: 315, match: 310, ...sample },
    { table: 'sessions', column: 'owner_api_key', total: 414, match: 409, ...sample },
  ]);
  expect(obstacles(findings)).toEqual([]);
  expect(findings).toHaveLength(8);
  await expect(readState(stage.database)).resolves.toEqual(before);
});

test('each class is counted and judged, and no value is told', async () => {
  await insert('planted', 'planted-key', hashOfKey('another'));
  await insert('planted', 'planted-key', null);
  await insert('planted', null, hashOfKey('planted-key'));
  await insert('planted', '', '');
  const { rows, findings } = await classify();
  expect(rows[1]).toMatchObject({
    total: 418,
    match: 409,
    mismatch: 2,
    valueWithoutReplacement: 1,
    replacementWithoutValue: 1,
  });
  expect(obstacles(findings).map(({ check, found }) => `${check}: ${found}`)).toEqual([
    'rows of sessions whose proof does not hold: 2 of 418',
    'rows of sessions with a key and no hash: 1 of 418',
    'rows of sessions with a hash and no key: 1',
  ]);
  expect(JSON.stringify({ rows, findings })).not.toMatch(/planted/);

  const later = await classify(true);
  expect(obstacles(later.findings).map(({ check }) => check)).toEqual([
    'rows of sessions whose proof does not hold',
    'rows of sessions with a key and no hash',
  ]);
  await stage.database.query(`delete from sessions where title = 'planted'`);
});

describe('a second attempt', () => {
  const none = { match: 0, mismatch: 0, valueWithoutReplacement: 0, replacementWithoutValue: 0, public: 0 };

  test('goes on after the tables that the first one has counted', async () => {
    const [assistants, sessions] = (await classify()).rows;
    const other = { ...assistants!, match: 1 };
    const { result } = await asActivity(() => classify(), { details: { rows: [other] } });
    expect(result?.rows).toEqual([other, sessions]);
  });

  test('goes on after the pages that the first one has read, and leaves the next one what it read itself', async () => {
    const [relation] = await relations('assistants');
    const half = Math.ceil(relation!.pages / 2);
    const table = {
      counts: { ...none, mismatch: 1_000 },
      read: { [relation!.name]: { file: relation!.file, pages: half } },
    };
    const { result, beats } = await asActivity(() => classify(), { details: { rows: [], table } });
    const [counted] = result?.rows ?? [];
    expect(counted).toMatchObject({ mismatch: 1_000, match: expect.any(Number) });
    expect(counted!.match).toBeGreaterThan(0);
    expect(counted!.match).toBeLessThan(310);
    const { total: _, table: __, column: ___, ...counts } = counted!;
    expect(beats).toContainEqual({
      rows: [],
      table: { counts, read: { [relation!.name]: { file: relation!.file, pages: relation!.pages } } },
    });
    expect(beats.at(-1)).toEqual({ rows: result?.rows });
  });

  test('starts a table again that was rewritten meanwhile', async () => {
    const [before] = await relations('assistants');
    const table = { counts: { ...none, mismatch: 1_000 }, read: { [before!.name]: { file: before!.file, pages: 1 } } };
    await stage.database.query('vacuum full assistants');
    const { result } = await asActivity(() => classify(), { details: { rows: [], table } });
    expect(result?.rows[0]).toMatchObject({ total: 315, match: 310, mismatch: 0 });
  });
});

const relations = (table: string) =>
  withSessions(stage.environment, 'test', (postgres) =>
    postgres.withClient((client) => relationsOf(client, { schema: 'public', table })),
  );

test('it ends at once when it is cancelled', async () => {
  const reason = new Error('cancelled');
  const { error } = await asActivity(() => classify(), { signal: AbortSignal.abort(reason) });
  expect(error).toBe(reason);
});
