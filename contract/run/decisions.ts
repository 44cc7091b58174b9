/**
 * What people decide, and what a decision is bound to. A code proves that its sender got the message of this very gate;
 * the activities that act on it compute it anew (see `docs/decisions/`).
 */

/**
 * What a code is good for; a code of one purpose is worthless for another. `receive`: its code is in the sealed file of
 * new keys, so whoever sends it can read that file; `hand-over`: every client has its new key.
 */
export type Purpose = 'approve' | 'accept' | 'accept-loss' | 'receive' | 'hand-over';

/** One execution of a rollout or rollback: stable over retries, resets and continue-as-new. */
export interface Run {
  /** Its name in the settings. */
  target: string;
  workflowId: string;
  /** `firstExecutionRunId`: survives a reset. */
  firstRun: string;
}

/** Everything that a code is computed over, except what the production worker takes from its own settings. */
export interface Gate extends Run {
  /** `production`, `rollback`, `hand-out`, `hand-over`, or `question: <step>`. */
  name: string;
  purpose: Purpose;
  /** uuid4, one for each opening. */
  challenge: string;
  /** sha256 of the whole plan, in hex. */
  planDigest: string;
  /** sha256 of the frozen evidence that approvers were shown. */
  evidenceDigest: string;
  /** Persons who asked for it: by input and by the start event. None of them may vote. */
  requesters: string[];
  /** Instant of the workflow's clock (ISO). */
  expiresAt: string;
  /** Approvals needed by role, from plan and policy: the stricter. */
  needs: Record<string, number>;
  /** Why production is changed outside the policy's windows, or in a freeze, as the order says; it takes one more approval. Absent = it is not. */
  override?: string;
}

/** A gate as it stands open, for people and for counting. */
export interface OpenGate extends Gate {
  /** By the clock of the production worker, ISO. */
  openedAt: string;
  /** sha256 of the policy and people of the production worker's settings: codes of others are refused. */
  policyDigest: string;
  /** Persons who got a code by direct message. */
  told: string[];
  /** Persons who could vote but could not be told, and why. */
  notTold: { person: string; because: string }[];
}

/** A counted vote. The code is kept: effects verify it again. */
export interface Vote {
  /** Name in the settings; `roles` are from there, too. */
  person: string;
  roles: string[];
  code: string;
  /** When the message arrived, ISO: what counts for a deadline. */
  at: string;
  /** In the approver's words. Absent = none was sent. */
  comment?: string;
}

/** A granted gate and the votes that granted it: what every effect behind it verifies again. */
export interface Granted {
  gate: OpenGate;
  votes: Vote[];
}

/** What a code is made for: a purpose, or to say no, which nobody can turn into a vote. */
export type CodePurpose = Purpose | 'reject';

/**
 * What the production worker says of a sent code. `only`: it rejects and does nothing else, as that of a click on "Reject" does.
 * `superseded`: its policy or people have changed since, so no code of this opening counts.
 */
export type CodeVerdict = { person: string; roles: string[]; only?: 'reject' } | { refused: string; superseded?: true };

/** Why the code of a rejection is no vote. */
export const onlyRejects = 'this code rejects, and does nothing else';

/** A decision for the report: who decided what, when, on which evidence. */
export interface Decision {
  /** Name of the gate, or `question: <step>`. */
  gate: string;
  at: string;
  /** A person of the settings, or what the sender could not prove (`claimed`). */
  by: string;
  /** `approve`, `reject`, or the choice that answered a question. */
  decision: string;
  /** In the words of the person who decided. Absent = none was sent. */
  reason?: string;
  /** What was accepted in spite of it, one line a finding. */
  about?: string[];
}

/** Names the message with one person's code of one opening; readable by all of the workspace, so it holds no code. */
export const codeKey = (challenge: string, person: string): string => `gate-${challenge}-${person}`;

/** Of which opening a message is, by its key; undefined = it is no message with a code. */
export const challengeOfKey = (key: string): string | undefined => /^gate-([0-9a-f-]{36})-/.exec(key)?.[1];

/** Most codes of one call that verifies them: a gate has some dozen voters, and whoever sends more means no good. */
export const mostCodes = 1_000;

/** So many approvals of this role are not there yet. */
export interface MissingApproval {
  role: string;
  /** At least 1. */
  count: number;
}

/** Which approvals are still missing; empty = quorum. A person counts for each role that they have, once. */
export const missingByRole = (
  needs: Record<string, number>,
  votes: readonly Pick<Vote, 'roles'>[],
): MissingApproval[] =>
  Object.entries(needs)
    .map(([role, count]) => ({ role, count: count - votes.filter(({ roles }) => roles.includes(role)).length }))
    .filter(({ count }) => count > 0);

/** The same for the message of a refusal, e.g. `1 more of approver`. */
export const missingApprovals = (needs: Record<string, number>, votes: readonly Pick<Vote, 'roles'>[]): string[] =>
  missingByRole(needs, votes).map(({ role, count }) => `${count} more of ${role}`);

/** What a decision of this purpose is sent as: the signal, and what its input holds besides the code. */
export const sentAs = {
  approve: { signal: 'approve', input: {} },
  'accept-loss': { signal: 'approve', input: { acceptLoss: true } },
  accept: { signal: 'answer', input: { choice: 'accept', reason: '…' } },
  receive: { signal: 'approve', input: {} },
  'hand-over': { signal: 'approve', input: {} },
} as const satisfies Record<Purpose, { signal: 'approve' | 'answer'; input: object }>;

/** What a gate does that expires: it ends the run, or opens again with new codes, since what it confirms is decided already. */
export const onExpiry = {
  approve: 'ends',
  'accept-loss': 'ends',
  accept: 'ends',
  receive: 'asks again',
  'hand-over': 'asks again',
} as const satisfies Record<Purpose, 'ends' | 'asks again'>;

/** The stricter of two sets of needs: by role the larger count. */
export function stricter(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const roles = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(roles.map((role) => [role, Math.max(countOf(a, role), countOf(b, role))]));
}

/** A role may be called like something that every object has. */
const countOf = (needs: Record<string, number>, role: string): number =>
  Object.hasOwn(needs, role) ? (needs[role] ?? 0) : 0;
