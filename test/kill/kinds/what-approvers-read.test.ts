import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { takeApprovedBackup } from '../../support/stages/approved-backup';
import { createClassifyRows } from '../../../activities/preflight/classify-rows';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { createRehearseOnCopy } from '../../../activities/rehearsal/rehearse-on-copy';
import type { EnvironmentFacts } from '../../../contract/run/facts';
import { gateText } from '../../../report/gates/gate-text';
import {
  bucket,
  castOneWay,
  oldPartitions,
  oneTenant,
  twoIndexes,
  valuesByRow,
  wholeTables,
  type PlanKind,
} from '../../support/inputs/plan-kinds';
import { knownTo } from '../../support/inputs/known-plan';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { firstPlan } from '../../support/stages/sample-environment';
import { askCustodian, askForProduction, askForRollback } from '../../support/stages/shown';
import { approveNewKeys, loseCopies, newCustodian, renewing } from '../../support/stages/without-copies';
import { keepReading, type Reading } from '../../support/workflows/readings';

/**
 * What approvers are shown of each kind of plan: before the drop, and of a rollback with no loss, with some, and with a loss
 * that nobody can tell exactly. Rows, rehearsals, proofs and forecasts are those of the real activities. The texts stand in
 * `test/report/gates/`.
 */
jest.setTimeout(900_000);

type Losses = Record<string, (at: KindStage) => unknown>;

const nothing = (): void => undefined;
const withoutCopy = ({ stage }: KindStage): void =>
  rmSync(join(stage.environment.backupFolder, 'copies'), { recursive: true });
const replaced: PlanKind = { ...firstPlan(), schema: [] };

test.each<[string, PlanKind, Losses]>([
  ['columns-by-row', valuesByRow, { 'no-loss': nothing, 'backup-alone': withoutCopy }],
  [
    'columns-by-cast',
    castOneWay,
    {
      'no-loss': nothing,
      'some-loss': ({ query }) => query('update invoices set amount = amount + 1 where id between 1 and 3'),
    },
  ],
  ['tables', wholeTables, { 'no-loss': nothing, 'backup-alone': withoutCopy }],
  ['rows', oneTenant, { 'no-loss': nothing, 'backup-alone': withoutCopy }],
  ['partitions', oldPartitions, { 'no-loss': nothing, 'backup-alone': withoutCopy }],
])('%s: the approval of production, and of a rollback with each loss', async (name, kind, losses) => {
  const at = await openKindStage(kind);
  try {
    await asksForProduction(at, name);
    await dropNow(at.stage, at.prepared);
    await asksForRollbacks(at, name, losses);
  } finally {
    await at.stage.close();
  }
});

test('columns by replacement: hidden by a run that died, dropped without and with a loss, and new keys', async () => {
  const [at, carla] = await Promise.all([openKindStage(replaced), newCustodian()]);
  const { stage, prepared } = at;
  let bringBack = nothing;
  try {
    await asksForProduction(at, 'columns-by-replacement');
    await takeOutOfUse(stage, prepared);
    kept('rollback-columns-by-replacement-hidden', await askForRollback(stage, prepared, await at.assess()));
    await dropNow(stage, prepared);
    await asksForRollbacks(at, 'columns-by-replacement', {
      'no-loss': nothing,
      'some-loss': ({ query }) =>
        query(`insert into sessions (title, owner_api_key_hash) values ('written since', repeat('0', 64))`),
    });

    bringBack = loseCopies(stage.environment);
    const order = { target: 'agent-api', rollout: prepared.run.workflowId };
    const found = await renewing(stage, carla).assessRollback(order);
    kept('rollback-columns-by-replacement-new-keys', await askForRollback(stage, prepared, found));
    const input = await approveNewKeys(stage, prepared, carla);
    const newKeys = { ...(await renewing(stage, carla).sealNewKeys(input)), rollout: prepared.run };
    kept('new-keys-sealed', await askCustodian(stage, prepared, { found, newKeys, who: carla.who }));
    kept('new-keys-handed-over', await askCustodian(stage, prepared, { found, who: carla.who }));
  } finally {
    bringBack();
    carla.close();
    await stage.close();
  }
});

test('indexes: no value goes, and a rollback builds them again', async () => {
  const at = await openKindStage(twoIndexes);
  const { stage, prepared } = at;
  try {
    const { run, plan, planDigest } = prepared;
    const { rehearsal } = await createRehearseOnCopy({ environment: stage.find })({ run, plan, planDigest });
    const both: EnvironmentFacts = rehearsal ? { rehearsal } : {};
    const rolledBack = { rows: 0, placeholders: 0, tookMs: 61_000 };
    const found = { production: both, staging: { ...both, rolledBack } };
    kept('production-indexes', await askForProduction(stage, prepared, found));
    await dropNow(stage, prepared);
    await asksForRollbacks(at, 'indexes', { 'no-loss': nothing });
  } finally {
    await stage.close();
  }
});

test('something outside the database: the approval of production says that nothing brings them back', async () => {
  const at = await openKindStage(bucket);
  try {
    const { evidence } = kept('production-external', await askForProduction(at.stage, at.prepared, nothingFound()));
    expect(evidence.change.savedBy).toBe('nothing');
  } finally {
    await at.stage.close();
  }
});

/** Rows, rehearsal on the copy, backup and proof are those of this database, for both environments. */
async function asksForProduction({ stage, prepared }: KindStage, name: string): Promise<void> {
  const of = { environment: stage.find };
  const { plan, planDigest, run } = prepared;
  const known = await knownTo(stage.environment, plan);
  const { rows } = await createClassifyRows(of)({ target: run.target, ...known, newReleaseServes: false });
  const { rehearsal } = await createRehearseOnCopy(of)({ run, plan, planDigest });
  const backup = await takeApprovedBackup(stage.environment, prepared);
  prepared.backup = backup.id;
  const proof = await createProveBackup(of)({ run, id: backup.id });
  const both: EnvironmentFacts = { rows, ...(rehearsal && { rehearsal }) };
  const rolledBack = { rows: rows.reduce((sum, { match }) => sum + match, 0), placeholders: 0, tookMs: 61_000 };
  const found = { production: both, staging: { ...both, backup, proof, rolledBack } };
  kept(`production-${name}`, await askForProduction(stage, prepared, found));
}

async function asksForRollbacks(at: KindStage, name: string, losses: Losses): Promise<void> {
  for (const [loss, prepare] of Object.entries(losses)) {
    await prepare(at);
    const found = await at.assess();
    const reading = kept(`rollback-${name}-${loss}`, await askForRollback(at.stage, at.prepared, found));
    expect(reading.gate.purpose).toBe(loss === 'no-loss' ? 'approve' : 'accept-loss');
  }
}

const nothingFound = () => ({
  staging: { rolledBack: { notCovered: 'restore: none' as const } },
  production: {},
});

/** Kept if that is asked for, and readable to its end. */
function kept(name: string, reading: Reading): Reading {
  keepReading(name, reading);
  expect(JSON.stringify(gateText(reading.gate, reading.evidence))).not.toMatch(/undefined|NaN|\[object/);
  return reading;
}
