import { condition, uuid4 } from '@temporalio/workflow';
import { missingByRole, mostCodes, onExpiry } from '../../contract/run/decisions';
import type { Granted, MissingApproval, OpenGate, Purpose, Run, Vote } from '../../contract/run/decisions';
import { toMs } from '../../contract/text/duration';
import type { Waiting } from '../../contract/run/waiting';
import type { Message } from '../../contract/run/messages';
import type { Plan } from '../../contract/plan/plan';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import type { Opened } from '../../contract/activities/gate-activities';
import type { SealedKeys } from '../../contract/activities/effect-inputs';
import { approvedLine, askedAgainLine, reopenedGateLine, requestedLine } from '../../report/run/announcements';
import { missingText, namesText } from '../../report/run/approvals';
import { expiredBecause, supersededBecause } from '../../report/run/endings';
import { waitingForApproval } from '../../report/run/waiting-approval';
import { gates } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { receiptsToShow } from '../journal/receipts';
import { AskAgain, failureLine, Stop } from '../journal/stop';
import { readVotes, type Ballot } from './votes';

/** What is asked for, of whom, on which evidence. */
export interface GateRequest {
  /** See `Gate` in the contract. */
  name: string;
  purpose: Purpose;
  /** Approvals by role: the stricter of plan and policy. */
  needs: Record<string, number>;
  evidence: GateEvidence;
  plan: Plan;
  planDigest: string;
  /** Until when the caller asks again once it has expired, ISO; whoever has it also does so when policy or people change. Absent = see `onExpiry`. */
  asksAgain?: string;
  /** What each of them gets sealed, with their code in it. */
  newKeys?: SealedKeys & { rollout: Run };
}

/**
 * One step: opens a gate, counts what comes until quorum, rejection or its end. What happens when it expires is in the table
 * `onExpiry` by its purpose; the effects behind it hold to the same deadline by the database's clock.
 *
 * @throws Stop unless granted
 */
export async function gate(journal: Journal, request: GateRequest): Promise<Granted> {
  for (;;) {
    try {
      return await journal.step({ name: 'approval', gate: request.name }, () => askAndCount(journal, request), {
        note: ({ votes }) => `approved by ${namesText(votes.map(({ person }) => person))}`,
      });
    } catch (error) {
      if (!(error instanceof Stop) || error.outcome !== 'expired' || request.asksAgain !== undefined) throw error;
      if (onExpiry[request.purpose] === 'ends') {
        if (!(error instanceof AskAgain)) throw error;
        journal.addToStory(reopenedGateLine(error.because));
        continue; // what it asks for is as it was; who is asked has changed
      }
      const line = askedAgainLine(request.name, toMs(request.plan.durations.gateExpiry));
      journal.tell('approval.expired', line, { gate: request.name, again: true });
    }
  }
}

async function askAndCount(journal: Journal, request: GateRequest): Promise<Granted> {
  const { shown = request.evidence, ...opened } = await openGate(journal, request);
  journal.facts.gates.push(opened);
  journal.facts.asked = shown;
  const votes: Vote[] = [];
  journal.requests.opened(opened, shown, votes);
  tellRequested(journal, opened);
  const close = openRequestFor(journal, ['approve', 'reject'], waitingForApproval(opened, []));
  try {
    await count(journal, { gate: opened, votes }, toMs(request.plan.durations.reminderEvery));
    const by = votes.map(({ person }) => person);
    journal.requests.closed(opened, approvedLine(request.name, by));
    journal.tell('approval.granted', approvedLine(request.name, by), { gate: request.name, by });
    return { gate: opened, votes };
  } catch (error) {
    if (error instanceof Stop) {
      journal.requests.closed(opened, error.because);
      tellClosed(journal, request, error);
      await closed(journal, opened, error.outcome);
    }
    throw error;
  } finally {
    delete journal.facts.asked;
    close();
  }
}

function tellRequested(journal: Journal, { name: gate, needs, told: asked, expiresAt: until }: OpenGate): void {
  journal.tell('approval.requested', requestedLine(gate, needs, until), { gate, needs, asked, until });
}

function tellClosed(
  journal: Journal,
  { name: gate, purpose, asksAgain }: GateRequest,
  { outcome, because }: Stop,
): void {
  const { by = 'claimed', reason = '' } = journal.facts.decisions.findLast((each) => each.decision === 'reject') ?? {};
  const again = asksAgain !== undefined && new Date().toISOString() < asksAgain;
  if (outcome === 'rejected') journal.tell('approval.rejected', because, { gate, by, reason });
  if (outcome === 'expired' && onExpiry[purpose] === 'ends') journal.tell('approval.expired', because, { gate, again });
}

/** Marks the challenge as used; a granted one is marked by the effect that it allows. */
async function closed(journal: Journal, opened: OpenGate, result: string): Promise<void> {
  await gates.closeGate({ gate: opened, result }).catch((error: unknown) => {
    journal.facts.warnings.push(`${opened.name}: its challenge could not be marked as used: ${failureLine(error)}`);
  });
}

/** A new challenge: codes of an earlier opening are worth nothing for it. */
export function openGate(journal: Journal, request: GateRequest): Promise<Opened> {
  const { name, purpose, needs, evidence, plan, planDigest, newKeys } = request;
  const { run, requesters } = journal.facts;
  const expiresAt = new Date(Date.now() + toMs(plan.durations.gateExpiry)).toISOString();
  const receipts = receiptsToShow();
  return gates.openGate({
    gate: { ...run, name, purpose, challenge: uuid4(), planDigest, requesters, expiresAt, needs },
    evidence,
    ...(receipts.length > 0 && { receipts }),
    ...(newKeys && { newKeys }),
  });
}

/** Lets votes or answers in until the returned function is called. */
export function openRequestFor(journal: Journal, kinds: Message['kind'][], waiting: Waiting): () => void {
  const before = { openRequest: journal.openRequest, waiting: journal.facts.waiting };
  journal.openRequest = { takes: new Set(kinds), received: [] };
  journal.waitFor(waiting);
  return () => {
    for (const received of journal.openRequest?.received ?? [])
      journal.mailbox.answer(received, false, 'too late: it is closed');
    journal.openRequest = before.openRequest;
    journal.waitFor(before.waiting);
  };
}

/** Until the ballot has its quorum. @throws Stop when it is rejected, expires, or the run ends */
async function count(journal: Journal, ballot: Ballot, remindEveryMs: number): Promise<void> {
  const { gate: opened, votes } = ballot;
  const deadline = Date.parse(opened.expiresAt);
  for (;;) {
    const rest = Math.min(deadline - Date.now(), remindEveryMs);
    const hasVotes = (): boolean => (journal.openRequest?.received.length ?? 0) > 0;
    const called = (): boolean => hasVotes() || journal.ending !== undefined;
    const summary = `${opened.name}: still missing ${missingText(missingByRole(opened.needs, votes))}`.slice(0, 190);
    const came = await condition(called, Math.max(1, rest), { summary });
    if (journal.ending !== undefined) throw journal.ending;
    await readVotes(journal, ballot, journal.openRequest?.received.splice(0, mostCodes) ?? []);
    const missing = missingByRole(opened.needs, votes);
    if (missing.length === 0) return;
    if (hasVotes()) continue; // what arrived in time is counted first
    if (Date.now() >= deadline) throw new Stop('expired', expiredBecause(opened.name, missing, opened.expiresAt));
    if (!came && (await remind(opened, votes, missing))) throw new AskAgain(supersededBecause(opened.name));
    journal.waitFor(waitingForApproval(opened, votes));
  }
}

/** @returns whether policy or people have changed since it opened */
async function remind(opened: OpenGate, votes: readonly Vote[], missing: MissingApproval[]): Promise<boolean> {
  const persons = opened.told.filter((person) => votes.every((vote) => vote.person !== person));
  const answer = await gates.remind({ gate: opened, persons, missing }).catch(() => undefined); // Slack may be down; the gate is not
  return answer?.superseded === true;
}
