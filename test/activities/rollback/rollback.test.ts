import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { dumpFile, lookupsFile } from '../../../activities/backup/backup-folder';
import { obstacles } from '../../../contract/run/findings';
import { removalsOf } from '../../../contract/plan/removals';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { describeSample } from '../../../dev/sample-data/sample-data';
import { replacedOf } from '../../../sql/saved-values/kept-by';
import { countOpenRows } from '../../../sql/saved-values/placeholder-statements';
import { captureColumns, readState, type DatabaseState } from '../../support/looks/database-state';
import { approveRollback, rollbackVerbsOf } from '../../support/stages/dropped';
import { dropNow, prepareDropUnrestored, type Prepared } from '../../support/stages/ready-to-drop';
import { whileServing } from '../../support/faults/while-serving';
import { openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

const data = describeSample({ environment: 'production', sessions: 400, assistants: 300, publicRows: 5 });

let stage: SampleEnvironment;
let ready: Prepared;
let before: DatabaseState;
let columnsBefore: Awaited<ReturnType<typeof captureColumns>>;
beforeAll(async () => {
  stage = await openSampleEnvironment();
  ready = await prepareDropUnrestored(stage);
  before = await readState(stage.database);
  columnsBefore = await captureColumns(stage.database);
});
afterAll(() => stage.close());

const query = (sql: string, values?: unknown[]) => stage.database.query(sql, values);
const countRows = async (table: string, condition: string): Promise<number> => {
  const [row] = await query(`select count(*)::int as count from ${table} where ${condition}`);
  return row?.count as number;
};
const proven = `owner_api_key_hash = encode(sha256(convert_to(owner_api_key, 'UTF8')), 'hex')`;
const placeholder = `starts_with(owner_api_key, '!rubicon:no-key:')`;

/** Rows as the new release writes them: a hash and no key. */
const write = (table: 'sessions' | 'assistants', title: string, hash: string | null) =>
  table === 'sessions'
    ? query('insert into sessions (title, owner_api_key_hash) values ($1, $2)', [title, hash])
    : query(`insert into assistants (id, name, model, owner_api_key_hash) values ($1, $1, 'm', $2)`, [title, hash]);

async function without(file: string, run: () => Promise<void>): Promise<void> {
  renameSync(file, `${file}.away`);
  await run().finally(() => renameSync(`${file}.away`, file));
}

test('before the drop there is nothing to take back, and that is said', async () => {
  const { assessRollback } = rollbackVerbsOf(stage);
  const { plan, run } = ready;
  const found = await assessRollback({ target: 'agent-api', rollout: run.workflowId, plan });
  expect(found).toMatchObject({
    observed: { data: 'present', row: 'open', revision: '20260201_000006' },
    rollout: { workflowId: run.workflowId, firstRun: run.firstRun },
    loss: { rows: 0, values: 0 },
    findings: [],
  });
  await expect(assessRollback({ target: 'agent-api', rollout: 'another' })).rejects.toMatchObject({
    type: 'BackupNotProven',
    message: expect.stringMatching(/^expected a proven backup of .* that says what its plan was, found none; bring/),
  });
});

test('without loss: every key comes back, and the database is as it was', async () => {
  await dropNow(stage, ready);
  const { assessRollback, restoreRemoved, refillRemoved, finishRestore, endWriteGuard } = rollbackVerbsOf(stage);
  const found = await assessRollback({ target: 'agent-api', rollout: ready.run.workflowId });
  expect(obstacles(found.findings)).toEqual([]);
  expect(found).toMatchObject({
    observed: { data: 'dropped', row: 'dropped', revision: '20260208_000007' },
    rollout: { firstRun: ready.run.firstRun, planDigest: ready.planDigest, requesters: ['maria'] },
    backup: { id: ready.backup },
    plan: ready.plan,
    loss: { rows: 0, values: 0 },
    restorable: { rows: 719, values: 50 },
  });

  const input = await approveRollback(stage, ready, { lossy: false });
  await expect(restoreRemoved(input)).resolves.toEqual([
    'assistants.owner_api_key character varying(256)',
    'sessions.owner_api_key character varying(255)',
  ]);
  await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 719, placeholders: 0 });
  expect(obstacles(await finishRestore(input))).toEqual([]);
  expect(obstacles(await endWriteGuard(input))).toMatchObject([{ status: 'failed', found: 'phase3' }]);
  stage.environment.application.url = 'http://127.0.0.1:9'; // nobody answers
  expect(obstacles(await endWriteGuard(input))).toMatchObject([{ status: 'unknown', found: 'no answer' }]);
  await whileServing(stage, 'phase3', async () => {
    expect(obstacles(await endWriteGuard(input))).toMatchObject([
      { status: 'failed', expected: 'phase2', found: 'phase3' },
    ]);
  });
  await whileServing(stage, 'phase2', async () => expect(obstacles(await endWriteGuard(input))).toEqual([]));

  await expect(captureColumns(stage.database)).resolves.toEqual(columnsBefore);
  const after = await readState(stage.database);
  expect(after.structure).toEqual(before.structure);
  // The columns stand at the end now, and nothing else is different.
  const others = ({ rows }: DatabaseState) =>
    rows.filter(({ schema, table }) => schema === 'public' && !['sessions', 'assistants'].includes(table));
  expect(others(after)).toEqual(others(before));
  await expect(countRows('sessions', proven)).resolves.toBe(409);
  await expect(countRows('assistants', proven)).resolves.toBe(310);
  await expect(countRows('sessions', 'owner_api_key is null and owner_api_key_hash is null')).resolves.toBe(5);
  await expect(query('select state from rubicon.rollout where first_run = $1', [ready.run.firstRun])).resolves.toEqual([
    { state: 'rolled-back' },
  ]);
});

test('an owner who came after the backup and before the freeze comes back too, from the final copy', async () => {
  const later = await openSampleEnvironment('production', stage);
  const [key, hash] = ['sk-production-later', hashOfKey('sk-production-later')];
  await later.database.query(
    `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('later', $1, $2)`,
    [key, hash],
  );
  await dropNow(later, ready);
  await later.database.query(`insert into sessions (title, owner_api_key_hash) values ('since', $1)`, [hash]);
  const { assessRollback, restoreRemoved, refillRemoved } = rollbackVerbsOf(later);
  const order = { target: 'agent-api', rollout: ready.run.workflowId };
  await expect(assessRollback(order)).resolves.toMatchObject({ loss: { rows: 0, values: 0 }, copy: { pairs: 51 } });
  await without(join(later.environment.backupFolder, 'copies'), async () => {
    await expect(assessRollback(order)).resolves.toMatchObject({ loss: { rows: 2, values: 1 } });
  });
  const input = await approveRollback(later, ready, { lossy: false });
  await restoreRemoved(input);
  await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 721, placeholders: 0 });
  const rows = await later.database.query('select owner_api_key as key from sessions where owner_api_key_hash = $1', [
    hash,
  ]);
  expect(rows).toEqual([{ key }, { key }]);
  await later.close();
});

test('a key that the column of another table is too short for is counted as lost, and its row is closed', async () => {
  const shorter = await openSampleEnvironment('production', stage);
  const long = hashOfKey('y'.repeat(256)); // of an assistant; sessions take 255
  await dropNow(shorter, ready);
  await shorter.database.query(`insert into sessions (title, owner_api_key_hash) values ('long', $1)`, [long]);
  const { assessRollback, restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(shorter);
  const order = { target: 'agent-api', rollout: ready.run.workflowId };
  await expect(assessRollback(order)).resolves.toMatchObject({ loss: { rows: 1, values: 1 } });
  await without(lookupsFile(shorter.environment, ready.backup), async () => {
    await expect(assessRollback(order)).resolves.toMatchObject({ loss: { rows: 1, values: 1 } });
  });
  const input = await approveRollback(shorter, ready, { lossy: true });
  await restoreRemoved(input);
  await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 719, placeholders: 1 });
  expect(obstacles(await finishRestore(input))).toEqual([]);
  await shorter.close();
});

describe('with rows that the new release has written since', () => {
  let since: SampleEnvironment;
  const old = hashOfKey(data.keys[3] ?? '');
  const lone = hashOfKey(data.oddKeys.at(-1) ?? ''); // has one row in one table
  beforeAll(async () => {
    since = stage;
    stage = await openSampleEnvironment('production', since);
    await dropNow(stage, ready);
    await write('sessions', 'of a known key', old);
    await write('sessions', 'of an unknown key', hashOfKey('made since'));
    await write('assistants', 'of an unknown key', hashOfKey('made since'));
    await write('assistants', 'public', null);
    await query('delete from assistants where owner_api_key_hash = $1', [lone]);
  });
  afterAll(async () => {
    await stage.close();
    stage = since;
  });

  test('the loss is counted before anybody decides, also when the list of hashes is gone', async () => {
    const { assessRollback } = rollbackVerbsOf(stage);
    const counted = { loss: { rows: 2, values: 1 }, restorable: { rows: 719, values: 49 } };
    const order = { target: 'agent-api', plan: ready.plan };
    const found = await assessRollback(order);
    expect(found).toMatchObject({ ...counted, rollout: { workflowId: ready.run.workflowId } });
    expect(Date.parse(found.loss.since)).toBeLessThan(Date.now());
    await without(lookupsFile(stage.environment, ready.backup), async () => {
      await expect(assessRollback(order)).resolves.toMatchObject(counted);
    });
  });

  test('known hashes get their key, unknown ones a placeholder, public rows nothing; a second run changes nothing', async () => {
    const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
    const input = await approveRollback(stage, ready, { lossy: true });
    await restoreRemoved(input);
    await expect(restoreRemoved(input)).resolves.toEqual(['columns are there']);
    await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 719, placeholders: 2 });
    await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 0, placeholders: 2 });
    const filled = await query(`select title, owner_api_key = $1 as right from sessions where title like 'of a%'`, [
      data.keys[3],
    ]);
    expect(filled).toEqual(
      expect.arrayContaining([
        { title: 'of a known key', right: true },
        { title: 'of an unknown key', right: false },
      ]),
    );
    for (const table of ['sessions', 'assistants']) {
      const open = 'owner_api_key_hash is not null and owner_api_key is null';
      await expect(countRows(table, open)).resolves.toBe(0);
      await expect(
        countRows(table, `owner_api_key is not null and not (${proven}) and not ${placeholder}`),
      ).resolves.toBe(0);
      await expect(countRows(table, placeholder)).resolves.toBe(1);
    }
    const [open] = await query(`select owner_api_key, owner_api_key_hash from assistants where id = 'public'`);
    expect(open).toEqual({ owner_api_key: null, owner_api_key_hash: null });

    const findings = await finishRestore(input);
    expect(obstacles(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      'filled rows of assistants',
      'filled rows of sessions',
      'column assistants.owner_api_key',
      'column sessions.owner_api_key',
      'revision',
    ]);
    await expect(captureColumns(stage.database)).resolves.toEqual(columnsBefore);
    const after = await readState(stage.database);
    expect(obstacles(await finishRestore(input))).toEqual([]);
    await expect(readState(stage.database)).resolves.toEqual(after);
  });

  test('rows written until the old release serves are filled too, from what is there and from the backup', async () => {
    const { refillRemoved } = rollbackVerbsOf(stage);
    const input = await laterInput();
    await write('sessions', 'late, of a known key', old);
    await write('assistants', 'late, of another unknown key', hashOfKey('made later'));
    await query(`update sessions set owner_api_key_hash = $1 where title = 'of a known key'`, [hashOfKey('rotated')]);
    const { plan } = ready;
    for (const removal of replacedOf(removalsOf(plan))) {
      await expect(query(countOpenRows(removal))).resolves.toEqual([{ count: 0 }]); // although nothing was filled yet
      await expect(countRows(removal.table, `not (${proven}) and not ${placeholder}`)).resolves.toBe(0);
    }
    await without(dumpFile(stage.environment, ready.backup), async () => {
      await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 1, placeholders: 4 });
    });
    await write('assistants', 'late, of a key that only the backup knows', lone);
    await without(join(stage.environment.backupFolder, 'copies'), async () => {
      const { copy: _, ...withoutCopy } = input;
      await expect(refillRemoved(withoutCopy)).resolves.toMatchObject({ filled: 1, placeholders: 4 });
    });
    const [row] = await query(`select owner_api_key from assistants where name like '%only the backup%'`);
    expect(row).toEqual({ owner_api_key: data.oddKeys.at(-1) });
  });

  /** The input of before: its decisions are in the database's challenges only, so a new approval is used by hand. */
  async function laterInput() {
    const input = await approveRollback(stage, ready, { lossy: true });
    await query('insert into rubicon.challenge (challenge) values ($1)', [input.decision.gate.challenge]);
    return input;
  }
});
