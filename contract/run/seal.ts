import type { Run } from './decisions';
import type { Role } from './names';

/**
 * What a worker says of something that it has seen or done, sealed by the key of its role: whoever has the public key can tell that
 * nobody has changed it since. The seals of one run and role are a chain.
 */
export interface Seal extends Pick<Run, 'workflowId' | 'firstRun'> {
  role: Role;
  /** Which key: the first 16 hex digits of the sha256 of its public part. */
  key: string;
  /** Name of the activity. */
  step: string;
  /** From 1 on, without a gap. */
  number: number;
  /** sha256 of the seal before it, in hex; 64 zeros = it is the first. */
  before: string;
  /** sha256 of the canonical JSON of the result, in hex. */
  digest: string;
  /** Of all watches so far: samples, and how many were healthy. Absent = none yet. */
  watched?: Watched;
  /** By the clock of the worker, ISO. */
  at: string;
  /** Ed25519 over the canonical JSON of all the rest, base64. */
  signature: string;
}

export interface Watched {
  samples: number;
  healthy: number;
}

/** A result with its seal, as a worker with a key answers. */
export interface Receipt<T = unknown> {
  result: T;
  seal: Seal;
}

/** Whether an answer is a result with its seal. That the seal is right, only a public key tells. */
export function isReceipt(answer: unknown): answer is Receipt {
  if (typeof answer !== 'object' || answer === null || Object.keys(answer).length !== 2) return false;
  const { seal } = answer as Partial<Receipt>;
  return (
    'result' in answer && typeof seal === 'object' && typeof (seal as Partial<Seal> | null)?.signature === 'string'
  );
}
