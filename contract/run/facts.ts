import type { Seal } from './seal';
import type { Kind } from '../plan/kinds';
import type { SavedBy } from './change';
import type { Decision, OpenGate, Run, Vote } from './decisions';
import type { Finding } from './findings';
import type { RollbackOrder, RolloutOrder } from './inputs';
import type { GateEvidence } from './gate-evidence';
import type { EnvironmentName, Phase } from './names';
import type { Outcome } from './outcome';
import type { RollbackRehearsal } from './rollback-rehearsal';
import type { Baseline, WatchSummary } from './samples';
import type { StepId } from './step-names';
import type {
  BackupReceipt,
  CopyReceipt,
  CopyRehearsal,
  DropReceipt,
  FreezeReceipt,
  HideReceipt,
  ProofReceipt,
} from './receipts';
import type { RollbackCase } from './rollback-case';
import type { RowClasses, ServerIdentity } from './observed-state';
import type { AnsweredDoubt, Question, Waiting } from './waiting';

/** One step of the runbook, as it went. */
export interface StepRecord {
  /** Which step it is: what is decided is decided by this. */
  id: StepId;
  /** Its label, for people. */
  name: string;
  /** `asking` = it did not succeed and a person is asked. */
  state: 'running' | 'done' | 'failed' | 'asking' | 'skipped';
  /** Start of its first try, ISO. */
  startedAt: string;
  /** Absent = it runs, or a person is asked. */
  endedAt?: string;
  /** How often it was tried. */
  tries: number;
  /** Of the last try. */
  findings: Finding[];
  /** The first tries that did not succeed, in their order; kept whatever comes of it. Absent = none. */
  failedTries?: FailedTry[];
  /** One line: result, or why it failed. */
  note?: string;
}

/** A try of a step that did not succeed. */
export interface FailedTry {
  /** When somebody was asked about it, ISO. */
  at: string;
  /** What stood against it, one line each. */
  because: string[];
  /** What was answered. Absent = nothing yet, or the run has ended with it. */
  answer?: 'retry' | 'accept';
}

/** A time on hold that is over. */
export interface Hold {
  /** ISO. */
  since: string;
  until: string;
  reason: string;
}

/** A message that arrived and what became of it. The input is not kept: it may hold anything. */
export interface MessageRecord {
  /** Name of the signal as it was sent; perhaps none of ours. */
  kind: string;
  at: string;
  accepted: boolean;
  because: string;
}

/** How far the soak has come. Milliseconds of healthy, covered time. */
export interface SoakState {
  /** Since the last restart; the time of an accepted red sample counts. */
  healthyMs: number;
  /** The longer of the plan's soak and the policy's minimum. */
  neededMs: number;
  /** All that were taken, whatever they showed. */
  samples: number;
  /** Critical samples: each sets `healthyMs` to 0. */
  restarts: number;
  /** When the last sample was taken, ISO. Absent = none was. */
  last?: string;
  /** What was red and accepted by a person as unrelated, one line each. */
  accepted: string[];
}

/** What is known of one environment. */
export interface EnvironmentFacts {
  /** Server that preflight, or the assessment of a rollback, has seen. Absent = not seen yet, or not readable. */
  identity?: ServerIdentity;
  /** The last count, of preflight or of the re-count before the final copy. Absent = not counted. */
  rows?: RowClasses[];
  /** There and back on a copy of its definitions with a sample of rows, in preflight. That with all rows is in `proof`. */
  rehearsal?: CopyRehearsal;
  /** Absent = not taken yet, or the plan removes nothing that has values. */
  backup?: BackupReceipt;
  /** Of this backup. Absent = not proven yet. */
  proof?: ProofReceipt;
  /** Absent = not done yet, or undone; the same for `copy`, `hide` and `drop`. */
  freeze?: FreezeReceipt;
  copy?: CopyReceipt;
  hide?: HideReceipt;
  drop?: DropReceipt;
  /** The last release that this run has brought into service. Absent = none yet. */
  release?: string;
  /** Staging only: its change was rolled back, and made again. Absent = not yet. */
  rolledBack?: RollbackRehearsal;
  /** The state row says that it is dropped, and the platform's action has not done it yet: nothing leads back any more. */
  beingDropped?: true;
  /** It could not be lifted; absent = it is off. */
  maintenance?: 'may be on';
}

/** Everything a run knows of itself: the answer of `status` and the source of its report. */
export interface Facts {
  kind: 'rollout' | 'rollback';
  run: Run;
  /** Of this execution in Temporal; a reset makes another one, `run` stays the same. */
  runId: string;
  order: RolloutOrder | RollbackOrder;
  /** Persons who asked for it: by input and by the start event. None of them may vote. */
  requesters: string[];
  /** Absent = not read yet. */
  plan?: {
    name: string;
    does: string;
    /** sha256 of the whole plan, in hex. */
    digest: string;
    /** As the plan names them, one line each. */
    removes: string[];
    /** What these are. */
    kind: Kind;
    /** How a rollback finds its values again. */
    savedBy: SavedBy;
    /** Nothing brings it back after the drop. */
    restore?: 'none';
    /** Names of durations that differ from the defaults. */
    durationsOverridden: string[];
  };
  startedAt: string;
  /** Absent = it has not ended. */
  endedAt?: string;
  phase: Phase;
  /** The drop is done; of a rollback, its first effect. From then on an abort is refused. */
  pastTheDrop: boolean;
  /** `since` is ISO. Absent = not on hold. */
  held?: { since: string; reason: string };
  /** Earlier times on hold, the first 100. Absent = none. */
  holds?: Hold[];
  /** Absent = it works. */
  waiting?: Waiting;
  /** Absent = no question is open. */
  question?: Question;
  steps: StepRecord[];
  environments: Record<EnvironmentName, EnvironmentFacts>;
  /** Of production. Absent = not captured. */
  baseline?: Baseline;
  /** Absent = not begun. */
  soak?: SoakState;
  /** Production without the data while it still existed. */
  trial?: WatchSummary;
  /** Production after the drop. */
  monitor?: WatchSummary;
  /** What a rollback would do and lose, as last assessed. Absent = this is a rollout, or not assessed yet. */
  rollback?: RollbackCase;
  /** When production was last announced to change, ISO. Absent = it was not. */
  announced?: string;
  gates: OpenGate[];
  /** What approvers are shown of the last of these, as long as it is open. */
  asked?: GateEvidence;
  votes: Vote[];
  decisions: Decision[];
  /** Absent = no doubt was answered. */
  answered?: AnsweredDoubt[];
  /** The last 200. */
  messages: MessageRecord[];
  /** Sections that the plan or the settings lack. */
  notCovered: string[];
  /** When backups and final copies are destroyed, ISO; absent as long as it has not been ordered. */
  destroyAt?: string;
  /** Of everything that workers have sealed, in the order in which it arrived. Absent = it has not ended, or nothing was sealed. */
  seals?: Seal[];
  /** What could not be told, written or cleaned up. */
  warnings: string[];
  /** Absent = it has not ended. */
  outcome?: Outcome;
  /** Why it ended so, and what state the environments are in. Absent = it has not ended. */
  because?: string;
  /** Path of the Markdown report on the control worker. Absent = not written. */
  report?: string;
  /** Link of this run in Temporal UI, where settings name one. */
  link?: string;
}
