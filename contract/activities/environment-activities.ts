import type { Plan } from '../plan/plan';
import type { Run } from '../run/decisions';
import type { Finding } from '../run/findings';
import type { Definitions, IndexUse, RowClasses, ServerCheck, ObservedState } from '../run/observed-state';
import type {
  BackupReceipt,
  CopyReceipt,
  CopyRehearsal,
  Destruction,
  DropReceipt,
  FillReceipt,
  FlushReceipt,
  FreezeReceipt,
  HideReceipt,
  ProofReceipt,
} from '../run/receipts';
import type { RollbackCase } from '../run/rollback-case';
import type { Baseline, Sample, SamplePosition, WatchSummary } from '../run/samples';
import type { EffectOrder, MaintenanceOrder, OutOfUseOrder, RestoreOrder, SealedKeys } from './effect-inputs';
import type { OfPlan, RunOfPlan } from './of-plan';

/**
 * What activities are asked and answer: here, in `gate-activities.ts` and in `control-activities.ts`, by who serves them.
 * Workflows know these pages only; the folder `activities/` at the top implements them.
 * An environment activity serves the environment of its worker's role, whatever its input says.
 */

/** Activities of one environment. */
export interface EnvironmentActivities {
  /** Does nothing: that it is done says that a worker is there. */
  takesTasks(input: object): Promise<void>;

  // read
  /** Identity, revision, rights, poolers, standbys. `longTransaction`: age from which a transaction is in the way. */
  checkServer(input: OfPlan & { longTransaction: string; run?: Run }): Promise<ServerCheck>;
  /** Whatever leans on what is removed. `dropped`: the plan's change is here already. */
  checkStructure(input: OfPlan & { dropped: boolean }): Promise<Finding[]>;
  /** `newReleaseServes`: rows with a hash and no key are expected. */
  classifyRows(input: OfPlan & { newReleaseServes: boolean }): Promise<{ findings: Finding[]; rows: RowClasses[] }>;
  /** Of what goes, and of what goes with it; empty where it is not there. */
  captureDefinitions(input: OfPlan): Promise<Definitions>;
  /** `baseline`: as measured before, to be compared with. */
  checkQueries(input: OfPlan & { baseline?: Baseline['queries'] }): Promise<Finding[]>;
  /** Whether this Redis may be flushed; how many keys a flush would remove and leave. */
  checkCache(input: OfPlan): Promise<Finding[]>;
  /** Whether the log is evidence, by a refused call of our own, and clean so far. */
  checkLog(input: OfPlan): Promise<Finding[]>;
  /** `serves`: which of the plan's two releases must answer. */
  checkApplication(input: OfPlan & { serves: 'from' | 'to' }): Promise<Finding[]>;
  /** Whether this worker can take and prove a backup: programs, disk space, a throw-away server. */
  checkTools(input: OfPlan): Promise<Finding[]>;
  /** What can't be measured is left out. */
  captureBaseline(input: OfPlan): Promise<Baseline>;
  /** Without a `position` it only looks where the log ends: that sample is blind. */
  takeSample(input: OfPlan & { position?: SamplePosition }): Promise<Sample>;
  /**
   * Samples every `every` for `forMs`, one an attempt; ends early with the first sample that is not green. With `trialOf` they are
   * noted for the trial of that run, each going on where the one before it has ended, wherever `position` is.
   */
  watch(
    input: OfPlan & { every: string; forMs: number; position?: SamplePosition; trialOf?: Run },
  ): Promise<{ summary: WatchSummary; last: Sample }>;
  /** `serves`: which of the plan's two releases must answer. In production it calls only what reads. */
  probe(input: OfPlan & { serves: 'from' | 'to' }): Promise<Finding[]>;
  /** Structure and revision after the drop. */
  verifyDropped(input: OfPlan): Promise<Finding[]>;
  /** Of indexes that serve other columns, too, and go with a removed one. */
  countIndexUse(input: OfPlan): Promise<IndexUse[]>;
  /** Whether cache entries of the old release are left. */
  proveNothingStale(input: OfPlan): Promise<Finding[]>;
  /** There and back on a throw-away copy: definitions, rights and a sample of rows. Absent rehearsal = none was walked. */
  rehearseOnCopy(input: RunOfPlan): Promise<{ findings: Finding[]; rehearsal?: CopyRehearsal }>;
  /** From catalogue, state row and health answer, not from any workflow's memory. */
  observeState(input: OfPlan & { run: Run }): Promise<ObservedState>;

  // change
  /** `reason` absent: the run goes on. */
  noteHold(input: { run: Run; reason?: string }): Promise<void>;
  /** Finds the finished one of this run, unless it was refuted or changed. @throws `WrongState` */
  backup(input: OutOfUseOrder): Promise<BackupReceipt>;
  /** With an obstacle among the findings of its rehearsal nothing is proven. */
  proveBackup(input: { run: Run; id: string }): Promise<ProofReceipt>;
  /** Starts or ends the lease too. Nothing happens if it is as wanted already. In production it goes on by decisions alone. */
  setMaintenance(input: MaintenanceOrder): Promise<void>;
  /** Only what the plan names; all 0 without a cache. @throws `RefusedByServer` */
  flushCache(input: EffectOrder): Promise<FlushReceipt>;
  /**
   * `serves`: which of the plan's two releases is brought. `whateverServes`: also if it serves, since the platform may still be
   * bringing another one.
   */
  deploy(
    input: EffectOrder & { serves: 'from' | 'to'; whateverServes?: boolean },
  ): Promise<{ release: string; tookMs: number; changed: boolean }>;
  /** In staging only. @throws `WrongState` in production */
  loadTest(input: OfPlan): Promise<Finding[]>;
  /** Triggers refuse any write that sets or changes what will die. In production it takes decisions, like all of these. */
  freeze(input: OutOfUseOrder): Promise<FreezeReceipt>;
  /** Distinct replacement → removed over all tables, after the freeze: proven, encrypted, written once, read back. */
  finalCopy(input: OutOfUseOrder & { freeze: string }): Promise<CopyReceipt>;
  /** Out of sight; needs the freeze and its copy, but for things outside the database. */
  hide(input: OutOfUseOrder & { copy?: string }): Promise<HideReceipt>;
  /** Renames them back and ends the freeze; nothing happens if they are as they were. The run stays open. */
  unhide(input: RunOfPlan): Promise<string[]>;
  /** Point-of-no-return check, DDL, revision and state row in one transaction. In production it takes decisions. */
  drop(input: OutOfUseOrder & { backup?: string; copy?: string }): Promise<DropReceipt>;
  /**
   * After every end before the drop: state row `open → aborted`, then `unhide`; in staging also the end of a rehearsal
   * that stopped half-way. Says what it did.
   */
  undoRemoval(
    input: RunOfPlan & {
      /** Whether this run has begun to take a thing out of use: somebody else may have, for a reason of their own. */
      hidBegun?: boolean;
    },
  ): Promise<string[]>;
  /**
   * At their date, by its own settings and clock: the identity first, then the files of one rollout. `backup` and `copy`
   * are what its workflow knows of; `askedBy` says who asks: a date.
   */
  destroyBackups(input: { run: Run; askedBy: string; backup?: string; copy?: string }): Promise<Destruction>;

  // the way back
  /** `plan`: the one that was rolled out, where it is another than that of the order's digest, or where the order names none. */
  assessRollback(input: {
    target: string;
    rollout?: string;
    /** Of the plan as the folders have it; absent: they have it no more. */
    planDigest?: string;
    /** Of the rollback: none of them may receive new keys. */
    requesters?: string[];
  }): Promise<RollbackCase & { plan?: Plan }>;
  /**
   * Draws one new key for each owner and seals them, before anything is changed; what was drawn for this rollout once is
   * found again. In production it takes decisions.
   */
  sealNewKeys(input: RestoreOrder): Promise<SealedKeys>;
  /** Columns or tables by their captured definitions, empty and guarded. Says what it did. Uses the decisions up. */
  restoreRemoved(input: RestoreOrder): Promise<string[]>;
  /** `inMaintenance`: people wait, so it waits for no standby. */
  refillRemoved(input: RestoreOrder & { inMaintenance?: true }): Promise<FillReceipt>;
  /** Constraints, indexes, revision; compares with what was captured. */
  finishRestore(input: RestoreOrder): Promise<Finding[]>;
  /**
   * Rows written without a key are closed no more, since the release that serves writes keys; state row
   * `dropped → rolled-back`. The last effect.
   */
  endWriteGuard(input: RestoreOrder): Promise<Finding[]>;
}
