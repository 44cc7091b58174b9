import { createReadStream, readFileSync, statSync } from 'node:fs';
import { decrypt } from '../../../adapters/encryption/age';
import { findBackupKeys } from '../../../activities/backup/backup-identity';
import { columnsAmong } from '../../../activities/catalogue/captured-columns';
import { copyFile, requireCopy } from '../../../activities/backup/copy-folder';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFreeze } from '../../../activities/removal/freeze';
import { createHide } from '../../../activities/removal/hide';
import type { RolloutDeps } from '../../../activities/decisions/rollout-decisions';
import { createUnhide } from '../../../activities/removal/unhide';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { captureColumns, besidesTrials, readState } from '../../support/looks/database-state';
import { decide } from '../../support/stages/decided';
import { takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { until } from '../../support/looks/until';

const { plan, planDigest } = firstPlan(({ durations }) => ({ durations: { ...durations, lockGivesUp: '5 s' } }));
let stage: SampleEnvironment;
let prepared: Prepared;
beforeEach(async () => {
  stage = await openSampleEnvironment();
  prepared = { run: newRun(), plan, planDigest, backup: 'none' };
});
afterEach(() => stage.close());

const deps: RolloutDeps = { environment: () => stage.environment, electorate };
const freeze = createFreeze(deps);
const finalCopy = createFinalCopy(deps);
const hide = createHide(deps);
const unhide = createUnhide(deps);

const approved = async () => ({ ...prepared, ...(await decide(stage.environment, prepared, { name: 'production' })) });
const triggers = () =>
  stage.database.query<{ name: string; comment: string }>(
    `select tgname as name, obj_description(oid, 'pg_trigger') as comment from pg_trigger
      where tgname like 'rubicon%' order by tgrelid::regclass::text, 1`,
  );

/** What is in the encrypted file, line by line. */
async function pairsOf(id: string): Promise<string[]> {
  const { identityFile } = await findBackupKeys(stage.environment, prepared.run);
  let text = '';
  for await (const chunk of decrypt(createReadStream(copyFile(stage.environment, id)), identityFile)) {
    text += chunk.toString('utf8');
  }
  return text.split('\n').filter((line) => line !== '');
}

describe('freeze', () => {
  test('is refused without decisions that stand, and leaves the decisions as they are', async () => {
    const before = await readState(stage.database);
    await expect(freeze(prepared)).rejects.toMatchObject({
      type: 'WrongState',
      message: expect.stringMatching(/found none; nothing/),
    });
    await expect(readState(stage.database)).resolves.toEqual(before);

    const order = await approved();
    await expect(
      freeze({ ...order, decision: { ...order.decision, votes: order.decision.votes.slice(1) } }),
    ).rejects.toMatchObject({ type: 'NotDecided' });
    await expect(triggers()).resolves.toEqual([]);
    await freeze(order);
    await expect(stage.database.query('select * from rubicon.challenge')).resolves.toEqual([]);
  });

  test('a second run finds it; a damaged one is made anew, as another one', async () => {
    const order = await approved();
    const first = await freeze(order);
    await expect(freeze(order)).resolves.toMatchObject({ id: first.id, frozenAt: first.frozenAt });
    await stage.database.query('drop trigger rubicon_freeze_insert_owner_api_key on assistants');
    const second = await freeze(order);
    expect(second.id).not.toBe(first.id);
    expect(new Set((await triggers()).map(({ comment }) => comment))).toEqual(new Set([`rubicon freeze ${second.id}`]));
    expect(await triggers()).toHaveLength(4);
  });

  test('waits for a writer in flight in short tries, and what that writer wrote is in the copy', async () => {
    const order = await approved();
    const writer = openPostgres({ url: stage.database.url, applicationName: 'a slow writer' });
    let written = false;
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const writing = writer.withClient((client) =>
      withTransaction(client, {}, async () => {
        await client.query(
          `insert into sessions (title, owner_api_key, owner_api_key_hash)
           values ('late', 'sk-late', encode(sha256('sk-late'), 'hex'))`,
        );
        written = true;
        await finished;
      }),
    );
    await until(() => written);
    const freezing = freeze(order);
    await until(async () => {
      const rows = await stage.database.query(
        `select from pg_stat_activity where application_name like 'rubicon ddl % freeze 2 %'`,
      );
      return rows.length > 0;
    });
    finish();
    await writing;
    const { id, attempts } = await freezing;
    expect(attempts).toBeGreaterThan(1);
    const copy = await finalCopy({ ...order, freeze: id });
    expect((await pairsOf(copy.id)).filter((line) => line.endsWith('\tsk-late'))).toHaveLength(1);
    await writer.close();
  });

  test('of another rollout is left alone', async () => {
    await freeze(await approved());
    const before = await triggers();
    const other = { ...prepared, run: newRun('another') };
    const order = { ...other, ...(await decide(stage.environment, other, { name: 'production' })) };
    await expect(freeze(order)).rejects.toMatchObject({
      type: 'WrongState',
      message: expect.stringMatching(/freeze of another rollout/),
    });
    await expect(unhide(other)).resolves.toEqual([expect.stringMatching(/^left alone: frozen by "agent-api/)]);
    await expect(triggers()).resolves.toEqual(before);
  });
});

describe('final copy', () => {
  test('has each owner once, over all tables, encrypted, and explains itself', async () => {
    const order = await approved();
    const { id: frozen } = await freeze(order);
    const receipt = await finalCopy({ ...order, freeze: frozen });
    const [owners] = await stage.database.query<{ count: number }>(
      `select count(*)::int from (select owner_api_key from sessions union select owner_api_key from assistants) k
        where owner_api_key is not null`,
    );
    const pairs = await pairsOf(receipt.id);
    expect(pairs).toHaveLength(owners?.count ?? -1);
    expect(receipt).toMatchObject({ pairs: pairs.length, freeze: frozen });
    const file = copyFile(stage.environment, receipt.id);
    expect(readFileSync(file).includes('sk-')).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const record = await requireCopy({ environment: stage.environment }, receipt.id, { run: order.run, planDigest });
    expect(JSON.stringify(record)).not.toMatch(/sk-production/);
    expect(columnsAmong(record.captured).map(({ column }) => column)).toEqual(['owner_api_key', 'owner_api_key']);
  });

  test('a second run finds it; after another freeze a new one is taken', async () => {
    const order = await approved();
    const { id: frozen } = await freeze(order);
    const first = await finalCopy({ ...order, freeze: frozen });
    await expect(finalCopy({ ...order, freeze: frozen })).resolves.toEqual(first);
    await unhide(order);
    await expect(finalCopy({ ...order, freeze: 'gone' })).rejects.toMatchObject({ type: 'WrongState' });
    const again = await freeze(order);
    const second = await finalCopy({ ...order, freeze: again.id });
    expect(second.id).not.toBe(first.id);
    await expect(hide({ ...order, copy: first.id })).rejects.toMatchObject({
      type: 'WrongState',
      message: expect.stringMatching(/after which the final copy was taken/),
    });
  });

  test.each([
    [
      'two keys for one hash',
      `'sk-two'`,
      `(select owner_api_key_hash from sessions where owner_api_key is not null limit 1)`,
    ],
    ['a key without a hash', `'sk-open'`, 'null'],
    ['a hash that is not its own', `'sk-wrong'`, `'not its hash'`],
  ])('%s holds: nothing is copied, in numbers and without a value', async (_, key, hash) => {
    await stage.database.query(
      `insert into sessions (title, owner_api_key, owner_api_key_hash) values ('planted', ${key}, ${hash})`,
    );
    const order = await approved();
    const { id: frozen } = await freeze(order);
    const failure = await finalCopy({ ...order, freeze: frozen }).catch((error: Error & { type: string }) => error);
    expect(failure).toMatchObject({
      type: 'WrongState',
      message: expect.stringMatching(/^expected one proven value a replacement among \d+/),
    });
    expect((failure as Error).message).not.toContain('sk-');
  });
});

describe('hide and put back', () => {
  test('there and back: the same structure and rows as before', async () => {
    const order = await approved();
    const before = await readState(stage.database);
    const ready = await takeOutOfUse(stage, prepared, order);
    await expect(captureColumns(stage.database)).resolves.toEqual([undefined, undefined]);
    await expect(hide(ready)).resolves.toMatchObject({ attempts: 1 });
    await expect(unhide(ready)).resolves.toHaveLength(2);
    await expect(unhide(ready)).resolves.toEqual([]);
    expect(besidesTrials(await readState(stage.database))).toEqual(besidesTrials(before));
  });

  test('an attempt that was believed dead can hide nothing that was put back meanwhile', async () => {
    const ready = await takeOutOfUse(stage, prepared, await approved());
    await unhide(ready);
    await expect(hide(ready)).rejects.toMatchObject({
      type: 'WrongState',
      message: expect.stringMatching(/found none; nothing was changed/),
    });
    await expect(captureColumns(stage.database)).resolves.not.toContain(undefined);
  });

  test('after an abort of the run nothing can be hidden any more', async () => {
    const order = await approved();
    const { id: frozen } = await freeze(order);
    const { id: copy } = await finalCopy({ ...order, freeze: frozen });
    await stage.database.query(`update rubicon.rollout set state = 'aborted'`);
    await expect(hide({ ...order, copy })).rejects.toMatchObject({
      type: 'WrongState',
      message: expect.stringMatching(/found "aborted"/),
    });
  });

  test('readers of ours are ended, others are waited for in short tries', async () => {
    const ready = await takeOutOfUse(stage, prepared, await approved());
    const ours = openPostgres({ url: stage.database.url, applicationName: 'rubicon agent-api production rows' });
    let reading = false;
    const ended = ours
      .withClient((client) =>
        withTransaction(client, {}, async () => {
          await client.query('select count(*) from sessions');
          reading = true;
          await client.query('select pg_sleep(60)');
        }),
      )
      .catch((error: unknown) => error);
    await until(() => reading);
    await expect(unhide(ready)).resolves.toHaveLength(2);
    await expect(ended).resolves.toMatchObject({ sqlstate: '57P01' });
    await ours.close();
  });
});
