import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';
import { dumpFile } from '../../../activities/backup/backup-folder';
import { obstacles } from '../../../contract/run/findings';
import type { RestoreInput } from '../../../contract/activities/effect-inputs';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { readState } from '../../support/looks/database-state';
import { unguardStatements } from '../../../sql/write-guard';
import { approveRollback, rollbackVerbsOf } from '../../support/stages/dropped';
import { dropNow, prepareDropUnrestored, type Prepared } from '../../support/stages/ready-to-drop';
import {
  copySampleEnvironment,
  electorate,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';
import { until } from '../../support/looks/until';
import { withoutVotes } from '../../support/stages/decided';

let first: SampleEnvironment;
let ready: Prepared;
// Roles are of the whole server, which other test files use: so this one has its own.
const role = `reader_${randomBytes(4).toString('hex')}`;
const grantReading = `grant select (owner_api_key) on assistants to ${role}`;
beforeAll(async () => {
  first = await openSampleEnvironment();
  await first.database.query(`create role ${role}`);
  await first.database.query(grantReading);
  ready = await prepareDropUnrestored(first);
  await dropNow(first, ready);
});
afterAll(() => first.close());

let stage: SampleEnvironment;
beforeEach(async () => {
  stage = await copySampleEnvironment(first);
});
afterEach(() => stage.close());

const query = (sql: string, values?: unknown[]) => stage.database.query(sql, values);

/** Refused for `because`, and nothing at all is different afterwards. */
async function refuses(step: () => Promise<unknown>, type: string, because: RegExp): Promise<void> {
  const before = await readState(stage.database);
  await expect(step()).rejects.toMatchObject({ type, nonRetryable: true, message: expect.stringMatching(because) });
  await expect(readState(stage.database)).resolves.toEqual(before);
}

const loseARow = () =>
  query(`insert into sessions (title, owner_api_key_hash) values ('new', $1)`, [hashOfKey('made since')]);

test('a rollback that loses rows is no rollback without loss: one person on call does not decide it', async () => {
  const input = await approveRollback(stage, ready, { lossy: false });
  await loseARow();
  const { restoreRemoved } = rollbackVerbsOf(stage);
  await refuses(() => restoreRemoved(input), 'NotDecided', /without loss, as it was approved, found 1 rows that would/);
  const byOne = await approveRollback(stage, ready, { lossy: true });
  const anna: RestoreInput = { ...byOne, decision: { ...byOne.decision, votes: byOne.decision.votes.slice(0, 1) } };
  await refuses(() => restoreRemoved(anna), 'NotDecided', /missing: 1 more of approver/);
  const gate = { ...input.decision.gate, purpose: 'accept-loss' as const };
  const relabelled = { ...input, decision: { ...input.decision, gate } };
  await refuses(() => restoreRemoved(relabelled), 'NotDecided', /missing: 2 more of approver/);
});

test('each step wants the decisions of this rollback, and a key to verify them', async () => {
  const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await refuses(() => restoreRemoved(withoutVotes(input)), 'NotDecided', /missing: 1 more of on-call/);
  await refuses(() => restoreRemoved({ ...input, run: newRun('other') }), 'NotDecided', /the gate is of another run/);
  const late = await approveRollback(stage, ready, { lossy: false, expiresAt: new Date(Date.now() - 1).toISOString() });
  await refuses(() => restoreRemoved(late), 'NotDecided', /it has expired at/);
  const ofRollout = await approveRollback(stage, ready, { lossy: false, name: 'question: monitor' });
  await refuses(() => restoreRemoved(ofRollout), 'NotDecided', /the gate is for "question: monitor"/);
  await refuses(() => rollbackVerbsOf(stage, {}).restoreRemoved(input), 'NotDecided', /found none on this worker/);

  await refuses(() => refillRemoved(input), 'NotDecided', /the step before has not used its challenge/);
  await refuses(() => finishRestore(input), 'NotDecided', /the step before has not used its challenge/);
  await restoreRemoved(input);
  await refuses(() => refillRemoved(withoutVotes(input)), 'NotDecided', /missing: 1 more of on-call/);
  await refuses(() => finishRestore(withoutVotes(input)), 'NotDecided', /missing: 1 more of on-call/);
  await refuses(() => rollbackVerbsOf(stage, {}).refillRemoved(input), 'NotDecided', /found none on this worker/);
});

test('a used challenge opens nothing again', async () => {
  const { restoreRemoved } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await restoreRemoved(input);
  for (const { sql } of unguardStatements(input.plan)) await query(sql);
  await query('alter table sessions drop column owner_api_key; alter table assistants drop column owner_api_key');
  await refuses(() => restoreRemoved(input), 'NotDecided', /its challenge was used before/);
});

test('only a rollout that has dropped is taken back, with its own plan', async () => {
  const { restoreRemoved } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  const other = { ...input, rollout: newRun('other') };
  await refuses(
    () => restoreRemoved(other),
    'WrongState',
    /expected what other has dropped in rubicon\.dropped, found no row/,
  );
  await refuses(() => restoreRemoved({ ...input, planDigest: '0' }), 'WrongState', /found another digest/);
  await query(`update rubicon.rollout set state = 'rolled-back' where first_run = $1`, [ready.run.firstRun]);
  await refuses(() => restoreRemoved(input), 'WrongState', /found "rolled-back" for plan/);
});

test('a column that somebody else has added is neither used nor lost', async () => {
  const { assessRollback, restoreRemoved } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await query('alter table sessions add column owner_api_key varchar(64)');
  await refuses(() => restoreRemoved(input), 'WrongState', /or one of type character varying\(255\), found another/);
  await query('alter table assistants add column owner_api_key varchar(255)');
  const { findings } = await assessRollback({ target: 'agent-api', rollout: ready.run.workflowId });
  expect(obstacles(findings)).toEqual([expect.objectContaining({ check: 'removed columns', found: 'present' })]);
});

test('a revision that somebody has moved on is an obstacle, and stays as it is', async () => {
  const { assessRollback, restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await query(`update alembic_version set version_num = '20260301_000009'`);
  const { findings } = await assessRollback({ target: 'agent-api', rollout: ready.run.workflowId });
  expect(obstacles(findings)).toEqual([
    expect.objectContaining({ check: 'revision', found: '20260301_000009', remedy: expect.stringMatching(/first$/) }),
  ]);
  await restoreRemoved(input);
  await refillRemoved(input);
  await expect(finishRestore(input)).rejects.toThrow(/expected 1 changed rows, found 0: update public.alembic_version/);
  await expect(query('select state from rubicon.rollout')).resolves.toEqual([{ state: 'dropped' }]);
});

test('keys that somebody writes meanwhile are found before the revision goes back', async () => {
  const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await restoreRemoved(input);
  await query(
    `update sessions set owner_api_key = 'planted' where id in (select id from sessions order by id limit 1)`,
  );
  await refillRemoved(input);
  const findings = await finishRestore(input);
  expect(obstacles(findings)).toEqual([
    expect.objectContaining({ check: 'filled rows of sessions', found: expect.stringMatching(/^1 wrong, 0 without/) }),
  ]);
  expect(JSON.stringify(findings)).not.toContain('planted');
  await expect(query('select version_num from alembic_version')).resolves.toEqual([{ version_num: '20260208_000007' }]);
});

test('what somebody says or grants of a column meanwhile does not outlast the finish: it is as it was before the drop', async () => {
  const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await restoreRemoved(input);
  await refillRemoved(input);
  await query(
    `comment on column sessions.owner_api_key is 'mine'; grant select (owner_api_key) on assistants to public`,
  );
  expect(obstacles(await finishRestore(input))).toEqual([]);
  await expect(
    query(`select attrelid::regclass::text as table, attacl::text as rights, col_description(attrelid, attnum) as said
           from pg_attribute where attname = 'owner_api_key' and attrelid::regclass::text not like 'idx%' order by 1`),
  ).resolves.toEqual([
    {
      table: 'assistants',
      rights: expect.stringMatching(/^\{reader_\w+=r\/\w+\}$/),
      said: 'Plaintext key of the owner, up to 256 characters',
    },
    {
      table: 'sessions',
      rights: expect.stringMatching(/^\{agent_api_reports=w\/\w+\}$/),
      said: 'Plaintext key of the owner; superseded by owner_api_key_hash',
    },
  ]);
});

test('a first attempt that has ended half-way is no obstacle for a second one', async () => {
  const { assessRollback, restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
  await restoreRemoved(await approveRollback(stage, ready, { lossy: false }));
  const found = await assessRollback({ target: 'agent-api', rollout: ready.run.workflowId });
  expect(obstacles(found.findings)).toEqual([]);
  expect(found).toMatchObject({ observed: { data: 'present', row: 'dropped' }, loss: { rows: 0 } });
  const second = await approveRollback(stage, ready, { lossy: false });
  await restoreRemoved(second);
  await expect(refillRemoved(second)).resolves.toMatchObject({ filled: 719, placeholders: 0 });
  expect(obstacles(await finishRestore(second))).toEqual([]);
});

test('the fill goes on after a crash, around rows that somebody holds, and does not run triggers', async () => {
  const { restoreRemoved, refillRemoved } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await restoreRemoved(input);
  await query(`create function touch() returns trigger language plpgsql as 'begin new.updated_at = now(); return new; end';
    create trigger touched before update on sessions for each row execute function touch()`);
  const [before] = await query(
    'select md5(string_agg(updated_at::text, id::text order by id)) as digest from sessions',
  );
  const holder = openPostgres({ url: stage.database.url, applicationName: 'a writer' });
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let holds = false;
  const holding = holder.withClient((client) =>
    withTransaction(client, {}, async () => {
      await client.query('select from sessions where owner_api_key_hash is not null limit 1 for update');
      holds = true;
      await released;
    }),
  );
  await until(() => holds);
  const filling = refillRemoved(input);
  await until(async () => {
    const waiting = await query(
      `select pid from pg_stat_activity where application_name = 'rubicon agent-api production fill' and wait_event_type = 'Lock'`,
    );
    return waiting.length > 0;
  }, 20_000);
  const [kill] = await query(
    `select pg_terminate_backend(pid) as killed from pg_stat_activity where application_name = 'rubicon agent-api production fill' and datname = current_database()`,
  );
  expect(kill).toEqual({ killed: true });
  release();
  await holding;
  await expect(filling).rejects.toThrow(
    /the fill of some rows: expected an answer, .*; what happened is not known; answer/,
  );
  await refillRemoved(input);
  await holder.close();
  const [row] = await query(
    `select count(*)::int as open from sessions where owner_api_key_hash is not null and owner_api_key is null`,
  );
  expect(row).toEqual({ open: 0 });
  const [after] = await query('select md5(string_agg(updated_at::text, id::text order by id)) as digest from sessions');
  expect(after).toEqual(before);
});

test('rights of a role that is gone are told and stop nothing', async () => {
  const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  await query(`alter role ${role} rename to ${role}_gone`);
  try {
    await restoreRemoved(input);
    await refillRemoved(input);
    const findings = await finishRestore(input);
    expect(obstacles(findings)).toEqual([]);
    expect(findings.filter(({ status }) => status === 'not covered')).toEqual([
      expect.objectContaining({ check: 'rights on assistants.owner_api_key', found: `no role ${role} any more` }),
    ]);
  } finally {
    await query(`alter role ${role}_gone rename to ${role}`);
  }
});

test('staging needs nobody, but only on its own server', async () => {
  const asStaging = { ...stage, find: () => ({ ...stage.environment, name: 'staging' as const }) };
  const input = await approveRollback(stage, ready, { lossy: false });
  await refuses(() => rollbackVerbsOf(asStaging, {}).restoreRemoved(input), 'BackupNotProven', /it is of production/);
  await refuses(
    () => rollbackVerbsOf(asStaging, {}).refillRemoved(input),
    'WrongState',
    /expected the primary of staging/,
  );
  expect(electorate.policy.onCall).toBe('on-call');
});

test('last of all: a damaged backup, or a changed record, is refused; without it the final copy does', async () => {
  const { assessRollback, restoreRemoved, refillRemoved } = rollbackVerbsOf(stage);
  const input = await approveRollback(stage, ready, { lossy: false });
  const dump = dumpFile(stage.environment, ready.backup);
  const whole = readFileSync(dump);
  appendFileSync(dump, 'x');
  const order = { target: 'agent-api', rollout: ready.run.workflowId };
  await refuses(() => restoreRemoved(input), 'BackupNotProven', /the dump's sha256 is \w{12}/);
  const found = await assessRollback(order);
  expect(found).not.toHaveProperty('backup');
  expect(obstacles(found.findings)).toEqual([]); // the final copy does without it
  expect(found).toMatchObject({ loss: { rows: 0 }, restorable: { rows: 719 }, copy: { pairs: 50 } });
  writeFileSync(dump, whole);

  const record = path.join(path.dirname(dump), 'record.json');
  const text = readFileSync(record, 'utf8');
  writeFileSync(record, text.replace('character varying(256)', 'character varying(255)'));
  await refuses(() => restoreRemoved(input), 'BackupNotProven', /its record was changed since the proof/);
  writeFileSync(record, text.slice(0, 1_000));
  await refuses(() => restoreRemoved(input), 'BackupNotProven', /expected record.json of backup/);
  rmSync(path.dirname(dump), { recursive: true });
  const { backup: _, ...fromCopy } = input;
  await expect(restoreRemoved(fromCopy)).resolves.toHaveLength(2);
  await expect(refillRemoved(fromCopy)).resolves.toMatchObject({ filled: 719, placeholders: 0 });
});
