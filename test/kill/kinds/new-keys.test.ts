import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { distributionFile } from '../../../activities/backup/new-keys-folder';
import type { Environment } from '../../../activities/environment/environment';
import type { FailPoint } from '../../../adapters/programs/fail-point';
import type { RestoreInput } from '../../../contract/activities/effect-inputs';
import { headerOfKey } from '../../../dev/sample-application/sample-key';
import { startFailingStep } from '../../support/faults/failing-step';
import type { StepName } from '../../support/faults/fault-steps';
import { recordHistories, replay } from '../../support/workflows/histories';
import { dropNow, prepareDrop, type Prepared } from '../../support/stages/ready-to-drop';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';
import {
  approveNewKeys,
  loseCopies,
  newCustodian,
  openDistribution,
  renewing,
  type Custodian,
} from '../../support/stages/without-copies';

jest.setTimeout(240_000);

let carla: Custodian;
beforeAll(async () => {
  carla = await newCustodian();
});
afterAll(() => carla.close());

/** Rows of all tables: wrong = key and hash that do not belong together, or two keys of one owner. */
const wrongRows = `with r as (select owner_api_key as key, owner_api_key_hash as hash from sessions
   union all select owner_api_key, owner_api_key_hash from assistants)
 select (select count(*)::int from r where key is not null and not starts_with(key, '!rubicon:')
          and hash is distinct from encode(sha256(convert_to(key, 'UTF8')), 'hex')) as inconsistent,
        (select count(*)::int from rubicon.new_hash n where exists (select from r where r.hash = n.old_hash)
          and exists (select from r where r.hash = n.new_hash)) as halves,
        (select count(*)::int from rubicon.new_hash) as renewed`;

describe('a process that dies at each point', () => {
  let stage: SampleEnvironment;
  let ready: Prepared;
  let bringBack: () => void;
  beforeEach(async () => {
    stage = await openSampleEnvironment();
    ready = await prepareDrop(stage);
    await dropNow(stage, ready);
    bringBack = loseCopies(stage.environment);
  });
  afterEach(async () => {
    bringBack();
    await stage.close();
  });

  const killAt = async (point: FailPoint, step: StepName, verbs: RestoreInput): Promise<void> => {
    const memory = { ...ready, backup: '', freeze: '', copy: '', verbs };
    const order = { step, environment: stage.environment, electorate: carla.who, memory };
    const dying = startFailingStep(order, point, 'kill');
    await dying.reached();
    expect((await dying.ended).by).toBe('SIGKILL');
  };

  test.each<FailPoint>(['new keys: before they are sealed', 'new keys: before their record', 'new keys: after'])(
    '%s: the next one seals one key an owner, or finds them',
    async (point) => {
      const input = await approveNewKeys(stage, ready, carla);
      await killAt(point, 'sealNewKeys', input);
      const sealed = await renewing(stage, carla).sealNewKeys(input);
      expect(sealed.owners).toBe(50);
      await expect(renewing(stage, carla).sealNewKeys(input)).resolves.toEqual(sealed);
      await expect(stage.database.query('select count(*)::int from rubicon.new_hash')).resolves.toEqual([{ count: 0 }]);
    },
  );

  test.each<FailPoint>(['new keys: inside a batch', 'new keys: between two batches'])(
    '%s: no owner is half changed, and the same keys go on',
    async (point) => {
      const input = await approveNewKeys(stage, ready, carla);
      const { restoreRemoved, refillRemoved, sealNewKeys } = renewing(stage, carla);
      const sealed = await sealNewKeys(input);
      const { input: opened, codeMessage } = await openDistribution(stage, input, sealed, carla);
      await restoreRemoved(opened);
      for (let renewed = 0; renewed < 3; renewed += 1) {
        await killAt(point, 'refillRemoved', opened);
        const done = point.endsWith('inside a batch') ? 0 : renewed + 1;
        await expect(stage.database.query(wrongRows)).resolves.toEqual([{ inconsistent: 0, halves: 0, renewed: done }]);
      }
      await refillRemoved(opened);
      await expect(stage.database.query(wrongRows)).resolves.toEqual([{ inconsistent: 0, halves: 0, renewed: 50 }]);
      const keys = await stage.database.query(
        `select distinct owner_api_key as key from sessions where owner_api_key is not null`,
      );
      for (const { key } of keys) expect(codeMessage).toContain(`,${String(key)},`);
    },
  );
});

describe('a whole rollback, without the rollout, its copy and its backup', () => {
  let stage: RolloutStage;
  let back: WorkflowHandle;
  beforeAll(async () => {
    stage = await openRolloutStage({
      ...{ changePlan: quickLoadTest, recipients: { carla: carla.recipient } },
      durations: { gateExpiry: '40 s', maintenance: '10 s', lockGivesUp: '5 s' }, // short enough to see it expire
    });
    await stage.work();
    const rollout = await stage.start();
    await stage.approve(rollout);
    expect(await stage.resultOf(rollout)).toMatchObject({ outcome: 'done' });
  });
  afterAll(() => stage.close());

  test('every client gets a new key that works with the old release, and nobody else can read it', async () => {
    const place = { backupFolder: join(stage.folder, 'backups', 'agent-api', 'production') } as Environment;
    loseCopies(place);
    const order = { target: 'agent-api', plan: 'drop-plaintext-api-keys', requestedBy: 'otto', reason: 'disaster' };
    back = await stage.client.workflow.start('rollback', {
      ...{ taskQueue: 'rubicon', workflowId: 'agent-api/new-keys', args: [order] },
    });
    const { rollback } = await stage.until(back, ({ waiting }) => waiting?.for === 'approval');
    expect(rollback).toMatchObject({ newKeys: true, loss: { becomes: 'new key' } });
    await stage.approve(back); // the loss, by its quorum

    const asked = await stage.until(back, ({ gates, waiting }) => isAt('hand-out', gates) && waiting !== undefined);
    expect(stage.codeOf('carla')).toBeUndefined(); // it is in her file, and nowhere else
    expect(asked.steps.find(({ name }) => name === 'production: seal new keys')?.note).toMatch(
      /^one new key each for \d+ owners, drawn and sealed; nothing is changed yet$/,
    );
    const first = await carla.open(distributionFile(place, folderOf(place), 'carla'));
    await stage.until(back, ({ gates }) => openings('hand-out', gates) === 2); // nobody has answered in time
    expect(await stage.decide(back, 'approve', { code: codeIn(first) })).toMatchObject({ accepted: false });
    const codeMessage = await carla.open(distributionFile(place, folderOf(place), 'carla'));
    expect(keysIn(codeMessage)).toEqual(keysIn(first)); // drawn once
    const code = codeIn(codeMessage);
    expect(await stage.decide(back, 'approve', { code })).toMatchObject({ accepted: true });

    await stage.until(back, ({ gates }) => openings('hand-over', gates) === 2);
    await expect(lockOf()).resolves.not.toBe('RUNNING'); // the target is free meanwhile
    expect(await stage.decide(back, 'approve', { code: stage.codeOf('carla') })).toMatchObject({ accepted: true });
    expect(await stage.resultOf(back)).toMatchObject({ outcome: 'rolled-back' });

    const lines = keysIn(codeMessage);
    const { frontUrl } = stage.environments.production.platform;
    for (const line of lines) {
      const [, key = ''] = line.split(',');
      const answer = await fetch(`${frontUrl}/api/v1/sessions`, { headers: { 'X-API-Key': headerOfKey(key) } });
      expect(answer.status).toBe(200);
    }
    await expect(stage.databases.production.query(wrongRows)).resolves.toMatchObject([{ inconsistent: 0, halves: 0 }]);
    for (const { workflowId, history } of await recordHistories(stage.client)) {
      for (const line of lines) expect(JSON.stringify(history)).not.toContain(line.split(',')[1]);
      await replay(history, workflowId);
    }
  });

  const openings = (name: string, gates: { name: string }[]): number =>
    gates.filter((gate) => gate.name === name).length;
  const codeIn = (codeMessage: string): string | undefined => /"code":"([^"]+)"/.exec(codeMessage)?.[1];
  const keysIn = (codeMessage: string): string[] =>
    codeMessage.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const isAt = (name: string, gates: { name: string }[]): boolean => gates.at(-1)?.name === name;
  const lockOf = async () => (await stage.client.workflow.getHandle('rubicon-target/agent-api').describe()).status.name;
  const folderOf = ({ backupFolder }: Environment): string => readdirSync(join(backupFolder, 'new-keys'))[0] ?? '';
});
