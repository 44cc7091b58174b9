import type { Plan } from '../plan/plan';
import type { CodeVerdict, Gate, Granted, MissingApproval, OpenGate, Run } from '../run/decisions';
import type { GateEvidence } from '../run/gate-evidence';
import type { RequestState } from '../run/request-state';
import type { Receipt } from '../run/seal';
import type { SealedKeys } from './effect-inputs';

/** An opened gate. */
export interface Opened extends OpenGate {
  /** What approvers are shown, as the production worker knows it: what codes are bound to. Absent = as it was asked for. */
  shown?: GateEvidence;
}

/** Somebody who could not be told, and why. */
export type NotReached = OpenGate['notTold'][number];

/** Only the production worker has these: it alone holds the approval key. */
export interface GateActivities {
  /**
   * Notes in the database of production what it is opened for, then sends each eligible person their code, once a challenge. For
   * `production` also inserts the state row `open`. Plan, requesters, link and the earliest instant are the worker's own.
   */
  openGate(input: {
    gate: Omit<Gate, 'evidenceDigest'>;
    evidence: GateEvidence;
    /** What workers have sealed of it. Absent = nothing. */
    receipts?: Receipt[];
    /** For the purpose `receive`: what each custodian gets, with their code in it. */
    newKeys?: SealedKeys & { rollout: Run };
  }): Promise<Opened>;
  /** One verdict a code, in their order. Changes nothing. */
  verifyCodes(input: { gate: OpenGate; codes: string[] }): Promise<CodeVerdict[]>;
  /** Whether the approval of a rollback, handed over by its signal `yield`, allows this run to end. @throws `WrongState`, `NotDecided` */
  verifyYield(input: { run: Run; decision: Granted }): Promise<void>;
  /**
   * Shows in each person's own message what has become of the request; codes go once they are worth nothing more. Evidence, gate and votes
   * are verified against what the worker has noted itself; what the run says is marked as such. Answers who could not be reached, and why.
   */
  showRequest(input: { gate: OpenGate; evidence: GateEvidence; state: RequestState }): Promise<NotReached[]>;
  /** Tells those who have not voted once more, in the thread of their request; no new code. Where policy or people have changed since it opened, says that instead. */
  remind(input: {
    gate: OpenGate;
    persons: string[];
    missing: MissingApproval[];
  }): Promise<{ superseded: true } | undefined>;
  /** Marks the challenge as used, so that a reset cannot revive it. */
  closeGate(input: { gate: OpenGate; result: string }): Promise<void>;
  /**
   * When production may be changed next, ISO, and when the change has ended at the latest. `because`: the freeze that keeps it waiting
   * or follows; absent = there is none.
   */
  findWindow(
    input: Pick<Plan, 'durations'>,
  ): Promise<{ open: boolean; opensAt: string; doneBy: string; because?: string }>;
}
