import type { Kind } from '../plan/kinds';
import type { SavedBy } from './change';
import type { Decision, OpenGate, Run, Vote } from './decisions';
import type { Finding } from './findings';
import type { RollbackOrder, RolloutOrder } from './inputs';
import type { GateEvidence } from './gate-evidence';
import type { MessageKind } from './messages';
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

/** One step of the runbook, as it went. */
export interface StepRecord {
  /** Which step it is: what is decided is decided by this. */
  id: StepId;
  /** Its label, for people. */
  name: string;
  /** `asking` = it did not succeed and a person is asked. */
  state: 'running' | 'done' | 'failed' | 'asking' | 'skipped';
  startedAt: string;
  endedAt?: string;
  /** How often it was tried. */
  tries: number;
  findings: Finding[];
  /** One line: result, or why it failed. */
  note?: string;
}

/** What a run waits for, in words for people. */
export interface Waiting {
  /** Short, for the search attribute: `approval`, `answer`, `soak`, `monitor`, `trial`, `worker`, `resume`, `time`. */
  for: string;
  /** What it waits for. */
  sentence: string;
  /** Who can end it. */
  who: string;
  /** Until when, ISO; absent = without limit. */
  until?: string;
  /** What happens then. */
  then: string;
  /** Signals to send, with inputs to paste. */
  signals: { name: MessageKind; input: object; does: string }[];
}

/** A question about a step that did not succeed. */
export interface Question {
  step: string;
  /** What went wrong, with what to do. */
  because: string[];
  choices: { choice: string; does: string; needsCode: boolean }[];
  recommended: string;
  /** Maintenance on or off; data present, hidden or dropped. */
  state: string;
  loss: string;
  ifNobodyAnswers: string;
  /** SQL that undoes the last change by hand. */
  undo?: string;
  askedAt: string;
  gate?: OpenGate;
}

/** A finding of the status `possible` that a person has answered: it asks nobody again, as long as it stays the same. */
export interface AnsweredDoubt {
  finding: Finding;
  by: string;
  reason: string;
  at: string;
}

/** A message that arrived and what became of it. The input is not kept: it may hold anything. */
export interface MessageRecord {
  kind: string;
  at: string;
  accepted: boolean;
  because: string;
}

/** How far the soak has come. Milliseconds of healthy, covered time. */
export interface SoakState {
  healthyMs: number;
  neededMs: number;
  samples: number;
  restarts: number;
  last?: string;
  accepted: string[];
}

/** What is known of one environment. */
export interface EnvironmentFacts {
  identity?: ServerIdentity;
  rows?: RowClasses[];
  /** There and back on a copy of its definitions with a sample of rows, in preflight. That with all rows is in `proof`. */
  rehearsal?: CopyRehearsal;
  backup?: BackupReceipt;
  proof?: ProofReceipt;
  freeze?: FreezeReceipt;
  copy?: CopyReceipt;
  hide?: HideReceipt;
  drop?: DropReceipt;
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
  runId: string;
  order: RolloutOrder | RollbackOrder;
  requesters: string[];
  plan?: {
    name: string;
    does: string;
    digest: string;
    removes: string[];
    /** What these are. */
    kind: Kind;
    /** How a rollback finds its values again. */
    savedBy: SavedBy;
    /** Nothing brings it back after the drop. */
    restore?: 'none';
    durationsOverridden: string[];
  };
  startedAt: string;
  endedAt?: string;
  phase: Phase;
  pastTheDrop: boolean;
  held?: { since: string; reason: string };
  waiting?: Waiting;
  question?: Question;
  steps: StepRecord[];
  environments: Record<EnvironmentName, EnvironmentFacts>;
  baseline?: Baseline;
  soak?: SoakState;
  /** Production without the data while it still existed. */
  trial?: WatchSummary;
  monitor?: WatchSummary;
  rollback?: RollbackCase;
  gates: OpenGate[];
  /** What approvers are shown of the last of these, as long as it is open. */
  asked?: GateEvidence;
  votes: Vote[];
  decisions: Decision[];
  /** Absent = no doubt was answered. */
  answered?: AnsweredDoubt[];
  messages: MessageRecord[];
  /** Sections that the plan or the settings lack. */
  notCovered: string[];
  /** When backups and final copies are destroyed, ISO; absent as long as it has not been ordered. */
  destroyAt?: string;
  /** What could not be told, written or cleaned up. */
  warnings: string[];
  outcome?: Outcome;
  because?: string;
  report?: string;
  /** Link of this run in Temporal UI, where settings name one. */
  link?: string;
}
