import type { Plan } from '../plan/plan';
import type { OpenGate, Run, Vote } from './decisions';
import type { ServerIdentity } from './world';

/** What takes data out of use; `gate` and `votes` in production, where each effect verifies them again. */
export interface OutOfUseInput {
  run: Run;
  plan: Plan;
  planDigest: string;
  gate?: OpenGate;
  votes?: Vote[];
  /** Who answered in preflight, where it is known: another server is refused, whatever its marker says. */
  identity?: ServerIdentity;
}

/** `run` is the rollback's own, `rollout` the one that it takes back. */
export interface RestoreInput {
  run: Run;
  rollout: Run;
  plan: Plan;
  planDigest: string;
  /** Proven backup that was there when it was decided; absent = there was none, and the loss was counted without. */
  backup?: string;
  /** The same for the final copy. */
  copy?: string;
  /** Neither was there: keys that were drawn and sealed for this, and the gate at which a custodian has opened them. */
  newKeys?: SealedKeys & { gate: OpenGate; votes: Vote[] };
  /** Production only. */
  gate?: OpenGate;
  votes?: Vote[];
}

/** New keys of all owners, one each, in a folder of the production worker; never in a workflow. */
export interface SealedKeys {
  /** Folder name below `new-keys` of the settings' backup folder. */
  id: string;
  owners: number;
}
