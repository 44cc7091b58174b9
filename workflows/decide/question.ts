import { condition } from '@temporalio/workflow';
import { onlyRejects, type OpenGate } from '../../contract/run/decisions';
import type { Facts } from '../../contract/run/facts';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import type { Question } from '../../contract/run/waiting';
import type { Choice } from '../../contract/run/messages';
import type { Situation } from '../../contract/run/situation';
import { answeredLine, questionLine } from '../../report/run/announcements';
import { askedData } from '../../report/run/asked-data';
import { waitingForAnswer } from '../../report/run/waiting';
import { abort } from './point-of-no-return';
import type { Journal } from '../journal/journal';
import type { StepProblem } from '../journal/step';
import type { Received } from '../journal/mailbox';
import { codeVerdicts } from './code-verdicts';
import { openRequestFor } from './gate';
import { questionOf, situationOf } from './situation-of';
import { startRollback } from './start-rollback';
import { failureLine, Stop } from '../journal/stop';

/** How a question's gate is opened: needs the plan, which a question about loading it has not. */
export type OpenQuestion = (journal: Journal, question: Question, situation: Situation) => Promise<OpenedQuestion>;

/** Its gate, and what those who may accept were shown. */
export interface OpenedQuestion {
  gate: OpenGate;
  evidence: GateEvidence;
}

/**
 * Asks about a step that did not succeed, without limit of time: nothing happens until somebody answers. `accept` needs
 * the code of a direct message; the other choices are the safe direction and need none.
 */
export const askWith =
  (open: OpenQuestion) =>
  async (journal: Journal, problem: StepProblem): Promise<'retry' | 'accept'> => {
    const situation = situationOf(journal, problem);
    const question = questionOf(journal.facts, problem, situation);
    journal.facts.question = question;
    journal.tell('question.asked', questionLine(question), askedData(question));
    if (problem.acceptable) await tryToOpen(journal, question, () => open(journal, question, situation));
    const close = openRequestFor(journal, ['answer'], waitingForAnswer(question));
    try {
      for (;;) {
        await condition(() => (journal.openRequest?.received.length ?? 0) > 0 || journal.ending !== undefined);
        if (journal.ending !== undefined) throw journal.ending;
        const received = journal.openRequest?.received.shift();
        const choice = received && (await readAnswer(journal, { question, doubts: problem.doubts }, received));
        if (choice === 'retry' || choice === 'accept') return choice;
      }
    } finally {
      if (question.gate !== undefined) journal.requests.closed(question.gate, closedLine(journal.facts, question));
      delete journal.facts.question;
      close();
    }
  };

async function tryToOpen(journal: Journal, question: Question, open: () => Promise<OpenedQuestion>): Promise<void> {
  try {
    const { gate, evidence } = await open();
    question.gate = gate;
    journal.facts.gates.push(gate);
    journal.requests.opened(gate, evidence);
  } catch (error) {
    journal.facts.warnings.push(`question "${question.step}": no codes for "accept": ${failureLine(error)}`);
    question.choices = question.choices.filter(({ choice }) => choice !== 'accept');
  }
}

/** Its last answer, or that the run ends without one. */
function closedLine({ decisions }: Facts, { step, askedAt }: Question): string {
  const last = decisions.findLast(({ gate, at }) => gate === `question: ${step}` && at >= askedAt);
  return last === undefined ? 'nobody needs to answer any more' : answeredLine(step, last.decision, last.by);
}

/** What is asked, and what is accepted with it. */
type Asked = Pick<StepProblem, 'doubts'> & { question: Question };

/** What the answer does, or undefined when it was refused. */
async function readAnswer(
  journal: Journal,
  { question, doubts }: Asked,
  received: Received,
): Promise<Choice | undefined> {
  const { message } = received;
  if (message.kind !== 'answer') return undefined;
  const { choice, code, reason } = message;
  const refuse = (because: string): undefined => void journal.mailbox.answer(received, false, because);
  if (!question.choices.some((known) => known.choice === choice)) {
    const known = question.choices.map((each) => each.choice).join(', ');
    return refuse(`refused: "${choice}" is no answer to this question; possible: ${known}`);
  }
  let by = 'claimed';
  if (choice === 'accept') {
    if (code === undefined || question.gate === undefined) {
      return refuse('refused: "accept" needs the code from your direct message');
    }
    // It is all that approvers and the report will know of why.
    if (!/\p{L}/u.test(reason ?? '')) return refuse('refused: "accept" needs a reason in words, which is kept');
    const [verdict] = await codeVerdicts(journal, question.gate, [code]);
    if (verdict === undefined || 'refused' in verdict) return refuse(`refused: ${verdict?.refused ?? 'not verified'}`);
    if (verdict.only === 'reject') return refuse(`refused: ${onlyRejects}`);
    by = verdict.person;
  }
  journal.facts.decisions.push({
    gate: `question: ${question.step}`,
    at: received.at,
    by,
    decision: choice,
    ...(reason !== undefined && { reason }),
    ...(choice === 'accept' && { about: question.because }),
  });
  const { step } = question;
  journal.tell('question.answered', answeredLine(step, choice, by), { step, answer: choice, by });
  if (choice === 'accept' && doubts.length > 0)
    (journal.facts.answered ??= []).push(
      ...doubts.map((finding) => ({ finding, by, reason: reason ?? '', at: received.at })),
    );
  if (choice === 'abort') {
    abort(journal, reason ?? question.because.join(' | '), received);
    throw journal.ending ?? new Stop('aborted', 'aborted');
  }
  if (choice === 'rollback') {
    if (!journal.facts.pastTheDrop) {
      abort(journal, reason ?? 'rollback', received);
      throw journal.ending ?? new Stop('aborted', 'rollback before the drop');
    }
    await startRollback(journal, reason ?? question.because.join(' | '), received);
    return undefined;
  }
  journal.mailbox.answer(received, true, choice === 'retry' ? 'trying again' : `accepted by ${by}; continues`);
  return choice;
}
