import { missingByRole, onlyRejects } from '../../contract/run/decisions';
import type { CodeVerdict, Granted, OpenGate } from '../../contract/run/decisions';
import { refusedLine, votedLine } from '../../report/run/announcements';
import { missingText } from '../../report/run/approvals';
import { rejectedBecause, supersededBecause } from '../../report/run/endings';
import type { Journal } from '../journal/journal';
import type { Received } from '../journal/mailbox';
import { AskAgain, Stop } from '../journal/stop';
import { codeVerdicts } from './code-verdicts';

/** An open gate and the votes that were counted for it so far; with the quorum it is granted. */
export type Ballot = Granted;

/** A vote with its code, and whose code that is. */
interface Vouched {
  received: Received;
  /** Empty: it came without one. */
  code: string;
  /** Undefined: no code was verified. */
  verdict: CodeVerdict | undefined;
}

/**
 * Reads all waiting mail with one look at its codes. A rejection is acted on before any approval is counted.
 *
 * @throws AskAgain where policy or people have changed since the codes were sent; Stop for a rejection
 */
export async function readVotes(journal: Journal, ballot: Ballot, received: Received[]): Promise<void> {
  const codes = received.map(({ message }) => ('code' in message ? (message.code ?? '') : ''));
  const verdicts = codes.some((code) => code !== '') ? await codeVerdicts(journal, ballot.gate, codes) : [];
  const read = received.map((received, index) => ({ received, verdict: verdicts[index], code: codes[index] ?? '' }));
  for (const { received, verdict } of read)
    if (received.message.kind === 'reject') reject(journal, ballot.gate, { received, verdict });
  const refusals: string[] = [];
  for (const { received, verdict, code } of read) {
    const refused = received.message.kind === 'approve' && approve(journal, ballot, { received, code, verdict });
    if (typeof refused === 'string') refusals.push(refused);
  }
  const last = refusals.at(-1);
  if (last !== undefined) tellRefused(journal, refusals.length, last);
  if (verdicts.some(isSuperseded)) throw new AskAgain(supersededBecause(ballot.gate.name));
}

/** Whoever guesses codes is seen, and can't fill the thread. */
function tellRefused(journal: Journal, count: number, because: string): void {
  const before = journal.facts.messages.filter(({ kind, accepted }) => kind === 'approve' && !accepted).length - count;
  if (before < mostToldRefusals) journal.addToStory(refusedLine(count, because));
}

const mostToldRefusals = 20;

/** The codes of this opening are worth nothing any more, whoever sends them. */
export const isSuperseded = (verdict: CodeVerdict): boolean => 'refused' in verdict && verdict.superseded === true;

/** @throws Stop for a valid rejection, and for one without a code: that is the safe direction */
function reject(journal: Journal, gate: OpenGate, { received, verdict }: Omit<Vouched, 'code'>): void {
  const { message } = received;
  if (message.kind !== 'reject') return;
  if (message.code !== undefined && (verdict === undefined || 'refused' in verdict)) {
    const because = `refused: ${verdict?.refused ?? 'its code was not verified'}; to reject without a code leave it out`;
    journal.mailbox.answer(received, false, because);
    return;
  }
  const by = verdict !== undefined && 'person' in verdict ? verdict.person : 'claimed';
  journal.facts.decisions.push({ gate: gate.name, at: received.at, by, decision: 'reject', reason: message.reason });
  journal.ending ??= new Stop('rejected', rejectedBecause(gate.name, by, message.reason));
  journal.unanswered.push(received);
  throw journal.ending;
}

/** @returns why it was refused; undefined = it was counted */
function approve(journal: Journal, { gate, votes }: Ballot, { received, code, verdict }: Vouched): string | undefined {
  const { message } = received;
  if (message.kind !== 'approve') return undefined;
  const refuse = (because: string): string => {
    journal.mailbox.answer(received, false, `refused: ${because}`);
    return because;
  };
  if (received.at >= gate.expiresAt) return refuse(`expected before ${gate.expiresAt}, arrived at ${received.at}`);
  if (verdict === undefined || 'refused' in verdict) return refuse(verdict?.refused ?? 'its code was not verified');
  if (verdict.only === 'reject') return refuse(onlyRejects);
  if (votes.some(({ person }) => person === verdict.person)) return refuse(`${verdict.person} has voted already`);
  if (gate.purpose === 'accept-loss' && message.acceptLoss !== true) {
    return refuse('this rollback loses data; send it again with "acceptLoss": true');
  }
  const { person, roles } = verdict;
  const comment = message.comment === undefined ? {} : { comment: message.comment };
  const vote = { person, roles, code, at: received.at, ...comment };
  votes.push(vote);
  journal.facts.votes.push(vote);
  const reason = message.comment === undefined ? {} : { reason: message.comment };
  journal.facts.decisions.push({ gate: gate.name, at: received.at, by: person, decision: 'approve', ...reason });
  const missing = missingByRole(gate.needs, votes);
  const rest = missing.length === 0 ? 'approved' : `still missing: ${missingText(missing)}`;
  journal.mailbox.answer(received, true, `counted; ${rest}`);
  if (missing.length > 0) journal.addToStory(votedLine(gate.name, person, missing));
  return undefined;
}
