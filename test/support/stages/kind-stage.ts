import type { QueryResultRow } from 'pg';
import { takeApprovedBackup } from './approved-backup';
import { createCheckStructure } from '../../../activities/structure-checks/check-structure';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { createVerifyDropped } from '../../../activities/removal/verify-dropped';
import { obstacles, type Finding } from '../../../contract/run/findings';
import type { RollbackCase } from '../../../contract/run/rollback-case';
import { readState } from '../looks/database-state';
import { approveRollback, rollbackVerbsOf } from './dropped';
import { proveWithoutServer } from './prove-without-server';
import type { PlanKind } from '../inputs/plan-kinds';
import type { Prepared } from './ready-to-drop';
import { newRun, openSampleEnvironment, type SampleEnvironment } from './sample-environment';
import { whileServing } from '../faults/while-serving';

/** A sample environment with what a plan of another kind removes, and a rollout of that plan that has done nothing yet. */
export interface KindStage {
  stage: SampleEnvironment;
  prepared: Prepared;
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Structure and rows of all tables but ours. */
  seen(): Promise<{ structure: object; rows: object }>;
  /** Takes the rollout's backup, proven; `unrestored`: without the throw-away server, which takes longer than all the rest. */
  backUp(how?: { unrestored: boolean }): Promise<void>;
  assess(): Promise<RollbackCase>;
  checkStructure(): Promise<Finding[]>;
  verifyDropped(): Promise<Finding[]>;
  /**
   * The whole way back, by default without loss, each step twice, since it is safe to run again; `once`: only once. `incomplete`:
   * as far as the step that finds so. Returns what the last but one has found.
   */
  takeBack(how?: { lossy: boolean; incomplete?: boolean; once?: boolean }): Promise<Finding[]>;
}

export async function openKindStage({ plan, planDigest, schema, on }: PlanKind): Promise<KindStage> {
  const stage = await openSampleEnvironment('production', undefined, on);
  for (const sql of schema) await stage.database.query(sql);
  const prepared: Prepared = { run: newRun(), plan, planDigest, backup: 'none' };
  const of = { environment: stage.find };
  const look = { target: 'agent-api', ...plan };
  return {
    ...{ stage, prepared },
    query: (sql, values) => stage.database.query(sql, values),
    seen: async () => {
      const { structure, rows } = await readState(stage.database);
      return { structure, rows: rows.filter(({ schema: name }) => name !== 'rubicon') };
    },
    backUp: async ({ unrestored } = { unrestored: false }) => {
      prepared.backup = (await takeApprovedBackup(stage.environment, prepared)).id;
      if (unrestored) return proveWithoutServer(stage.environment, prepared.backup);
      const { findings } = await createProveBackup(of)({ run: prepared.run, id: prepared.backup });
      expect(obstacles(findings ?? [])).toEqual([]);
    },
    assess: () => rollbackVerbsOf(stage).assessRollback({ target: 'agent-api', rollout: prepared.run.workflowId }),
    checkStructure: () => createCheckStructure(of)({ ...look, queries: [], dropped: false }),
    verifyDropped: () => createVerifyDropped(of)(look),
    takeBack: async ({ lossy, incomplete = false, once = false } = { lossy: false }) => {
      const { restoreRemoved, refillRemoved, finishRestore, endWriteGuard } = rollbackVerbsOf(stage);
      const input = await approveRollback(stage, prepared, { lossy });
      const times = once ? [1] : [1, 2];
      for (const _ of times) await restoreRemoved(input);
      for (const _ of times) await refillRemoved(input);
      const first = await finishRestore(input);
      if (incomplete) return first;
      expect(obstacles(first)).toEqual([]);
      if (!once) expect(obstacles(await finishRestore(input))).toEqual([]);
      await whileServing(stage, plan.release.from, async () =>
        expect(obstacles(await endWriteGuard(input))).toEqual([]),
      );
      return first;
    },
  };
}
