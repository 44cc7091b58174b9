import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { distributionFile, mapFile } from '../../../activities/backup/new-keys-folder';
import { obstacles } from '../../../contract/run/findings';
import type { RestoreInput, SealedKeys } from '../../../contract/activities/effect-inputs';
import { describeSample } from '../../../dev/sample-data/sample-data';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { captureColumns } from '../../support/looks/database-state';
import { rollbackVerbsOf } from '../../support/stages/dropped';
import { dropNow, prepareDropUnrestored, type Prepared } from '../../support/stages/ready-to-drop';
import { openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';
import { whileServing } from '../../support/faults/while-serving';
import {
  approveNewKeys,
  loseCopies,
  newCustodian,
  openDistribution,
  renewing,
  type Custodian,
} from '../../support/stages/without-copies';

let stage: SampleEnvironment;
let ready: Prepared;
let carla: Custodian;
let columnsBefore: Awaited<ReturnType<typeof captureColumns>>;
let bringBack: () => void;
const data = describeSample({ environment: 'production', sessions: 400, assistants: 300, publicRows: 5 });
const known = data.keys[3] ?? '';
let ofKnown: number;
beforeAll(async () => {
  [stage, carla] = await Promise.all([openSampleEnvironment(), newCustodian()]);
  ready = await prepareDropUnrestored(stage);
  columnsBefore = await captureColumns(stage.database);
  await dropNow(stage, ready);
  stage.environment.application.probeKey = known;
  ofKnown = Number((await counted(`hash = '${hashOfKey(known)}'`, 'hash'))?.['rows']);
  bringBack = loseCopies(stage.environment);
});
afterAll(async () => {
  bringBack();
  carla.close();
  await stage.close();
});

const query = (sql: string, values?: unknown[]) => stage.database.query(sql, values);
const counted = async (
  condition: string,
  columns = 'key, hash',
  of = '',
): Promise<Record<string, unknown> | undefined> => {
  const named = { key: 'owner_api_key as key', hash: 'owner_api_key_hash as hash' };
  const list = columns.split(', ').map((name) => named[name as 'key']);
  const each = ['sessions', 'assistants'].map((table) => `select ${list.join(', ')} from ${table}`);
  const [row] = await query(
    `select count(*)::int as rows${of} from (${each.join(' union all ')}) as r where ${condition}`,
  );
  return row;
};
const proven = `hash = encode(sha256(convert_to(key, 'UTF8')), 'hex')`;

test('with neither copy nor backup all of it is lost, and somebody must be there to receive new keys', async () => {
  const order = { target: 'agent-api', rollout: ready.run.workflowId };
  const nobody = await rollbackVerbsOf(stage).assessRollback(order);
  expect(obstacles(nobody.findings)).toMatchObject([
    { check: 'custodians', found: 'neither', remedy: expect.stringMatching(/^bring the settings' backup folder back/) },
  ]);
  const found = await renewing(stage, carla).assessRollback(order);
  expect(obstacles(found.findings)).toEqual([]);
  expect(found).toMatchObject({
    newKeys: true,
    loss: {
      rows: 719 - ofKnown,
      values: 49,
      becomes: 'new key',
    },
    restorable: { rows: ofKnown, values: 1 },
    plan: ready.plan,
  });
  expect(found).not.toHaveProperty('backup');
  await expect(rollbackVerbsOf(stage).assessRollback({ target: 'agent-api', plan: ready.plan })).resolves.toMatchObject(
    {
      rollout: { workflowId: ready.run.workflowId },
    },
  );
});

test('keys that nobody has opened are drawn anew by the next rollback: owners have come since', async () => {
  const earlier = await renewing(stage, carla).sealNewKeys(await approveNewKeys(stage, ready, carla));
  const sealed = await renewing(stage, carla).sealNewKeys(await approveNewKeys(stage, ready, carla));
  expect(sealed.id).not.toBe(earlier.id);
});

test('what leans on the hashes stands in the way of new ones', async () => {
  await query('create table of_owners (hash varchar(64) primary key)');
  await query(
    'alter table sessions add constraint to_owners foreign key (owner_api_key_hash) references of_owners not valid',
  );
  const found = await renewing(stage, carla).assessRollback({ target: 'agent-api', rollout: ready.run.workflowId });
  expect(obstacles(found.findings)).toMatchObject([
    { check: 'what depends on the hashes', found: 'foreign key to_owners on sessions' },
  ]);
  await query('drop table of_owners cascade');
});

test('whoever asks for the rollback receives no keys', async () => {
  const order = { target: 'agent-api', rollout: ready.run.workflowId, requesters: ['carla'] };
  const found = await renewing(stage, carla).assessRollback(order);
  expect(obstacles(found.findings)).toMatchObject([{ check: 'custodians', found: 'neither' }]);
});

test('old keys that have come back since are not replaced', async () => {
  const input = await approveNewKeys(stage, ready, carla);
  bringBack();
  await expect(renewing(stage, carla).sealNewKeys(input)).rejects.toMatchObject({
    type: 'WrongState',
    message: expect.stringMatching(
      /expected neither copy nor backup.*start the rollback again: the old keys can come back$/,
    ),
  });
  bringBack = loseCopies(stage.environment);
});

describe('after the loss was accepted', () => {
  let input: RestoreInput;
  let sealed: SealedKeys;
  let opened: RestoreInput;
  let codeMessage: string;
  /** Old hash → new key, as the custodian reads it. */
  let distributed: Map<string, string>;
  beforeAll(async () => {
    input = await approveNewKeys(stage, ready, carla);
    sealed = await renewing(stage, carla).sealNewKeys(input);
    ({ input: opened, codeMessage } = await openDistribution(stage, input, sealed, carla));
    const lines = codeMessage.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    distributed = new Map(lines.map((line) => line.split(',').slice(0, 2) as [string, string]));
  });

  test('one key an owner is drawn and sealed, once; nothing is changed', async () => {
    expect(sealed).toEqual({ id: expect.any(String), owners: 49 });
    await expect(renewing(stage, carla).sealNewKeys(input)).resolves.toEqual(sealed);
    await expect(captureColumns(stage.database)).resolves.toEqual([undefined, undefined]);
    expect(new Set(distributed.values()).size).toBe(49);
    for (const key of distributed.values()) expect(key).toMatch(/^[\w-]{43}$/);
    for (const file of [
      mapFile(stage.environment, sealed.id),
      distributionFile(stage.environment, sealed.id, 'carla'),
    ]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      for (const secret of [...distributed].flat()) expect(readFileSync(file, 'latin1')).not.toContain(secret);
    }
  });

  test('no row is changed before a custodian has opened them', async () => {
    const { restoreRemoved } = renewing(stage, carla);
    const unread = opened.newKeys && {
      ...opened,
      newKeys: { ...opened.newKeys, opened: { ...opened.newKeys.opened, votes: [] } },
    };
    await expect(restoreRemoved(unread ?? input)).rejects.toMatchObject({
      type: 'NotDecided',
      message: expect.stringMatching(/valid approvals are missing: 1 more of custodian/),
    });
    await expect(captureColumns(stage.database)).resolves.toEqual([undefined, undefined]);
  });

  test('damaged keys are not used, and no others are drawn', async () => {
    const file = mapFile(stage.environment, sealed.id);
    const whole = readFileSync(file);
    appendFileSync(file, 'x');
    await expect(renewing(stage, carla).sealNewKeys(input)).rejects.toMatchObject({
      type: 'BackupNotProven',
      message: expect.stringMatching(/custodians have these keys, and others must not be drawn once a row has one/),
    });
    writeFileSync(file, whole);
  });

  test('each owner has one key in all tables, with its hash, and it is the one that was handed out; who is known keeps theirs', async () => {
    const { restoreRemoved, refillRemoved, finishRestore, endWriteGuard } = renewing(stage, carla);
    await restoreRemoved(opened);
    await query(`insert into sessions (title, owner_api_key_hash) values ('came since', $1)`, [
      hashOfKey('came since'),
    ]);
    await expect(refillRemoved(opened)).resolves.toMatchObject({ renewed: 49, filled: ofKnown, placeholders: 1 });
    await expect(counted(proven, 'key, hash', ', count(distinct key)::int as keys')).resolves.toEqual({
      rows: 719,
      keys: 50,
    });
    const rows = await query(
      `select n.old_hash as old, s.owner_api_key as key from rubicon.new_hash n join sessions s on s.owner_api_key_hash = n.new_hash
       union select n.old_hash, a.owner_api_key from rubicon.new_hash n join assistants a on a.owner_api_key_hash = n.new_hash`,
    );
    expect(new Map(rows.map(({ old, key }) => [old as string, key as string]))).toEqual(distributed);
    expect(rows).toHaveLength(49);
    await expect(counted(`key = '${known}'`)).resolves.toEqual({ rows: ofKnown });

    // Another rollback draws no others: some rows have these by now.
    const another = await approveNewKeys(stage, ready, carla);
    await expect(renewing(stage, carla).sealNewKeys(another)).resolves.toEqual(sealed);

    // A client that has not changed its key yet, while the new release still serves.
    const [old = ''] = distributed.keys();
    await query(`insert into sessions (title, owner_api_key_hash) values ('with the old key', $1)`, [old]);
    await expect(refillRemoved(opened)).resolves.toMatchObject({ renewed: 1, filled: 0, placeholders: 1 });
    await expect(counted(proven)).resolves.toEqual({ rows: 720 });

    expect(obstacles(await finishRestore(opened))).toEqual([]);
    await expect(captureColumns(stage.database)).resolves.toEqual(columnsBefore);
    await whileServing(stage, 'phase2', async () => expect(obstacles(await endWriteGuard(opened))).toEqual([]));
    await expect(
      counted(`hash is not null and not (${proven}) and not starts_with(key, '!rubicon:no-key:')`),
    ).resolves.toEqual({ rows: 0 });
    expect(existsSync(mapFile(stage.environment, sealed.id))).toBe(false);
    await expect(refillRemoved(opened)).resolves.toMatchObject({ renewed: 0, filled: 0 }); // as a retry of the last step does
    await whileServing(stage, 'phase2', async () => expect(obstacles(await endWriteGuard(opened))).toEqual([]));
    await expect(carla.open(distributionFile(stage.environment, sealed.id, 'carla'))).resolves.toBe(codeMessage);
  });
});
