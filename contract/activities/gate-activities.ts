import type { Plan } from '../plan/plan';
import type { CodeVerdict, Gate, MissingApproval, OpenGate, Run } from '../run/decisions';
import type { GateEvidence, GatePlan } from '../run/gate-evidence';
import type { SealedKeys } from './effect-inputs';

/** Only the production worker has these: it alone holds the approval key. */
export interface GateActivities {
  /** Sends each eligible person their code, once a challenge. For `production` also inserts the state row `open`. */
  openGate(input: {
    gate: Omit<Gate, 'evidenceDigest'>;
    evidence: GateEvidence;
    plan: GatePlan;
    /** For the purpose `receive`: what each custodian gets, with their code in it. */
    newKeys?: SealedKeys & { rollout: Run };
  }): Promise<OpenGate>;
  /** One verdict a code, in their order. Changes nothing. */
  verifyCodes(input: { gate: OpenGate; codes: string[] }): Promise<CodeVerdict[]>;
  /** Tells those who have not voted once more; no new code. */
  remind(input: { gate: OpenGate; persons: string[]; missing: MissingApproval[] }): Promise<void>;
  /** Marks the challenge as used, so that a reset cannot revive it. */
  closeGate(input: { gate: OpenGate; result: string }): Promise<void>;
  /** When production may be changed next, ISO, and when all that the plan does there has ended at the latest. */
  findWindow(input: Pick<Plan, 'durations'>): Promise<{ open: boolean; opensAt: string; doneBy: string }>;
}
