import type { ShorterWait } from '../plan/durations';
import type { Plan } from '../plan/plan';
import type { Change } from './change';
import type { Decision } from './decisions';
import type { Finding } from './findings';
import type { EnvironmentName } from './names';
import type { RollbackRehearsal } from './rollback-rehearsal';
import type { Situation } from './situation';
import type { CopyRehearsal } from './receipts';
import type { RollbackCase } from './rollback-case';

/**
 * What people decide on, as facts: frozen and hashed when the gate opens, so that a code is bound to them. In words they
 * are said by `report/gate-text.ts` alone.
 */
export type GateEvidence = RolloutEvidence | QuestionEvidence | RollbackEvidence | NewKeysEvidence;

/** Something that approvers are shown and that a worker has seen. */
export type Claim =
  'rows' | 'loss' | 'staging backup' | 'staging copy' | 'production copy' | 'load test' | 'soak' | 'rollback rehearsal';

/** Of what is shown: sealed by the worker that has seen it, or only what the workflow says. */
export interface Sealed {
  sealed: Claim[];
  claimed: Claim[];
}

interface Common {
  change: Change;
  /** Whoever asked for it is named by the sender alone: the Temporal server names no caller that it has checked. */
  requesterIsClaimed?: true;
  /** Who wrote the plan; none of them may vote. Absent = nobody says. */
  authors?: string[];
  /** As production's worker has looked into it. Absent = its settings have no keys for it. */
  seals?: Sealed;
  /** Why it was ordered, in the requester's words. Absent = no reason was given. */
  reason?: string;
  /** Of the run in Temporal UI. Absent = the settings name none. */
  link?: string;
}

/** The approval of production. */
export interface RolloutEvidence extends Common {
  about: 'rollout';
  ahead: Ahead;
  proof: Proof;
  /** Findings that a person has accepted, and why. */
  accepted: Accepted[];
  /** Absent = none is shorter than the runbook's. */
  shorterWaits?: ShorterWait[];
  /** Steps that did not succeed at first, and were tried again. Absent = none. */
  failedFirst?: FailedFirst[];
}

/** What stood against a step in its first try; it has succeeded since. */
export interface FailedFirst {
  /** Its label. */
  step: string;
  because: string[];
}

/** A step that did not succeed, and that a person may accept. */
export interface QuestionEvidence extends Common {
  about: 'question';
  /** Name of the step, as the list of steps has it. */
  step: string;
  /** What did not succeed, one line each, as its finding says it. */
  because: string[];
  situation: Situation;
}

/** A rollback, or what a rollout that has died left hidden or frozen. */
export interface RollbackEvidence extends Common {
  about: 'rollback';
  found: Pick<RollbackCase, 'observed' | 'loss' | 'restorable' | 'backup' | 'copy' | 'newKeys'>;
  release: Plan['release'];
  /** Why neither copy nor backup is usable, in the words of the finding; only with `newKeys`. */
  noCopy?: string;
}

/** New keys that were sealed for a custodian (`isChanged` false), or that every client needs by now. */
export interface NewKeysEvidence extends Common {
  about: 'new keys';
  /** Owners with a new key, one each. */
  owners: number;
  /** Whether the rows have the new keys already. */
  isChanged: boolean;
}

/** What follows the approval. Milliseconds. */
export interface Ahead {
  /** Between the approval and the change of production. */
  announceAheadMs: number;
  /** Real traffic without the data while it still exists. */
  trialMs: number;
  /** Not before this instant (ISO), as ordered. Absent = no such wish. */
  notBefore?: string;
  /** Whether the policy has change windows or freezes. */
  hasWindows: boolean;
  /** Why these don't hold, in the requester's words. Absent = they hold. */
  override?: string;
  release: Plan['release'];
  /** How long backups and final copies are kept after the end. */
  keepBackupsMs: number;
}

/** What was seen before anybody was asked. */
export interface Proof {
  /** Findings of preflight, in both environments; none of them is in the way. */
  checks: number;
  /** Instant (ISO) of these, and of the count of rows. */
  checkedAt?: string;
  /** Change and rollback on a throw-away copy of an environment. Absent = none was walked there. */
  copies: Partial<Record<EnvironmentName, RehearsedOnCopy>>;
  staging: StagingProof;
  /** Sections that plan or settings lack, in words. */
  notCovered: string[];
}

/** What approvers are shown of a rehearsal on a copy. */
export type RehearsedOnCopy = Pick<CopyRehearsal, 'extent' | 'passed' | 'rows' | 'lacks' | 'notCovered'>;

/** What staging has shown before the approval of production. */
export interface StagingProof {
  /** Restored and compared. Absent = staging carried the change of an earlier rollout already. */
  backup?: { rows: number; tables: number; rehearsal?: RehearsedOnCopy };
  /** Absent = not rehearsed. */
  rollback?: RollbackRehearsal;
  /** What it found. Absent = the plan has none. */
  loadTest?: Pick<Finding, 'check' | 'found' | 'status'>[];
  /** Healthy, covered time; `accepted`: what was red and accepted as unrelated, in words. */
  soak?: { neededMs: number; samples: number; restarts: number; accepted: string[] };
}

/** A decision to continue in spite of a finding, as approvers are shown it. */
export type Accepted = Pick<Decision, 'gate' | 'by' | 'reason' | 'about'>;

/** What a message of a gate says of the plan. */
export type GatePlan = Pick<Plan, 'name' | 'does'>;
