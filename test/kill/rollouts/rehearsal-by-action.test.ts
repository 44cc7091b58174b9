import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../../contract/run/facts';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { captureColumns } from '../../support/looks/database-state';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { rightly, wrongly } from '../../support/inputs/restore-actions';

jest.setTimeout(300_000);

/** The rehearsal of a plan whose columns the platform's own tool has to build again, through Temporal. */

let stage: RolloutStage;
const scripts = mkdtempSync(join(tmpdir(), 'rubicon-actions-'));
const script = join(scripts, 'staging.sh');
beforeEach(async () => {
  const planActions = (name: string) => ({
    downgrade: { command: ['/bin/sh', join(scripts, `${name}.sh`)], limit: '20 s' },
  });
  stage = await openRolloutStage({
    changePlan: (plan) => {
      quickLoadTest(plan);
      plan['byAction'] = { restore: 'downgrade' };
    },
    planActions: { staging: planActions('staging'), production: planActions('production') },
  });
  await stage.work();
});
afterEach(() => stage.close());

/** What the action does from now on. */
function does({ sql, sh }: { sql?: string | undefined; sh?: string | undefined }): void {
  const psql = join(findPostgresFolder(), 'psql');
  const text =
    sh ?? `exec ${psql} -X -q -v ON_ERROR_STOP=1 -d '${stage.databases.staging.url}' <<'SQL'\n${sql ?? ''}\nSQL\n`;
  writeFileSync(script, text);
}

const asked = (handle: WorkflowHandle) =>
  stage.until(handle, ({ question }) => question?.step === 'staging: rollback rehearsal', 150_000);

async function stagingHasTheChange(): Promise<void> {
  const { query } = stage.databases.staging;
  expect(await captureColumns(stage.databases.staging)).toEqual([undefined, undefined]);
  expect(await query('select version_num from alembic_version')).toEqual([{ version_num: '20260208_000007' }]);
  expect(await query('select state from rubicon.rollout')).toEqual([{ state: 'dropped' }]);
  expect(await query(`select tgname from pg_trigger where tgname like '%rubicon%'`)).toEqual([]);
  const { platform } = stage.environments.staging;
  expect(await (await fetch(`${platform.controlUrl}/state`)).json()).toMatchObject({ release: 'phase3' });
}

test('each way to go wrong is asked about with the change in place; accept is no answer; a mended action goes on', async () => {
  does({ sql: wrongly['builds another type']?.sql });
  const handle = await stage.start({ until: 'staging' });
  const type = await asked(handle);
  expect(type.question?.because.join()).toMatch(wrongly['builds another type']!.says);
  expect(type.question?.choices.map(({ choice }) => choice)).toEqual(['retry', 'abort']);
  await stagingHasTheChange();
  expect(
    await stage.decide(handle, 'answer', { choice: 'accept', code: 'AAAA-BBBB-CCCC-DDDD', reason: 'x' }),
  ).toMatchObject({
    accepted: false,
  });

  for (const how of [
    'builds a full index for a partial one',
    'fails half-way',
    'does nothing and says that it has',
    'is killed',
  ]) {
    does(wrongly[how]!);
    const before = (await handle.query<Facts>('status')).question?.askedAt;
    await stage.decide(handle, 'answer', { choice: 'retry', reason: how });
    const facts = await stage.until(
      handle,
      ({ question }) => question !== undefined && question.askedAt !== before,
      120_000,
    );
    expect(facts.question?.because.join()).toMatch(wrongly[how]!.says);
    await stagingHasTheChange();
  }

  does({ sql: rightly });
  await stage.decide(handle, 'answer', { choice: 'retry', reason: 'mended' });
  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'staging-only' });
  const { steps, warnings } = await handle.query<{ steps: { name: string; note?: string }[]; warnings: string[] }>(
    'status',
  );
  expect(steps.find(({ name }) => name === 'staging: rollback rehearsal')?.note).toMatch(
    /^rolled back in .* values restored/,
  );
  expect(warnings).toContainEqual(
    expect.stringMatching(
      /^staging: rollback rehearsal did not succeed: .*"downgrade".*dropped again, by Rubicon's own statements/,
    ),
  );
  await stagingHasTheChange();
});

test('an abort says what is wrong with the action, and staging has the change: report and ending tell the truth', async () => {
  does({ sql: wrongly['builds another type']?.sql });
  const handle = await stage.start({ until: 'staging' });
  await asked(handle);
  await stage.decide(handle, 'answer', { choice: 'abort', reason: 'not today' });
  const { outcome, because, report = '' } = await stage.resultOf(handle);
  expect({ outcome, because }).toMatchObject({
    outcome: 'aborted',
    because: expect.stringMatching(/^not today; staging: .*data of staging dropped/),
  });
  await stagingHasTheChange();
  const text = readFileSync(isAbsolute(report) ? report : join(stage.folder, report), 'utf8');
  expect(text).toContain('They are gone from staging.');
  expect(text).toMatch(/expected the action "downgrade" to build assistants\.owner\\?_api\\?_key/);
  const told = stage.slack
    .messages()
    .map(({ text: said }) => said)
    .join('\n');
  expect(told).toContain('expected the action "downgrade" to build assistants.owner_api_key');
});

test('a staging with empty columns proves nothing: the evidence says so; another type there is a finding', async () => {
  does({ sql: rightly });
  const { query } = stage.databases.staging;
  const { platform } = stage.environments.staging;
  // As a rehearsal that stopped half-way has left it once: the new release serves, columns that an action has built.
  await query('update sessions set owner_api_key = null');
  await query('update assistants set owner_api_key = null');
  await query('alter table sessions alter owner_api_key type varchar(200)');
  const body = JSON.stringify({ release: 'phase3' });
  await fetch(`${platform.controlUrl}/deploy`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });

  const looked = await stage.start({ until: 'preflight' });
  expect(await stage.resultOf(looked)).toMatchObject({ outcome: 'preflight-only' });
  const found = (await looked.query<Facts>('status')).steps.flatMap(({ findings }) => findings);
  expect(found).toContainEqual(
    expect.objectContaining({
      check: "staging: definitions against production's",
      status: 'possible',
      found: expect.stringContaining('"character varying(200)" in staging, "character varying(255)" in production'),
    }),
  );

  await query('alter table sessions alter owner_api_key type varchar(255)');
  const handle = await stage.start({ until: 'staging' });
  expect(await stage.resultOf(handle)).toMatchObject({ outcome: 'staging-only' });
  const { steps } = await handle.query<Facts>('status');
  const rehearsal = steps.find(({ name }) => name === 'staging: rollback rehearsal');
  expect(rehearsal?.note).toMatch(/^not covered: staging holds none of the values to be removed$/);
  expect(rehearsal?.findings).toContainEqual(expect.objectContaining({ status: 'not covered' }));
});
