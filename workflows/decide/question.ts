import { condition } from '@temporalio/workflow';
import type { OpenGate } from '../../contract/run/decisions';
import { changeKindOf } from '../../contract/run/change';
import type { Facts } from '../../contract/run/facts';
import type { Question } from '../../contract/run/waiting';
import type { Choice } from '../../contract/run/messages';
import { environments as environmentNames } from '../../contract/run/names';
import type { Situation } from '../../contract/run/situation';
import { answeredLine, questionLine } from '../../report/run/announcements';
import { askedData } from '../../report/run/asked-data';
import { choiceText, situationText } from '../../report/run/question-text';
import { waitingForAnswer } from '../../report/run/waiting';
import { abort } from './point-of-no-return';
import type { Journal } from '../journal/journal';
import type { StepProblem } from '../journal/step';
import type { Received } from '../journal/mailbox';
import { codeVerdicts } from './code-verdicts';
import { openRequestFor } from './gate';
import { startRollback } from './start-rollback';
import { failureLine, Stop } from '../journal/stop';

/** How a question's gate is opened: needs the plan, which a question about loading it has not. */
export type OpenQuestion = (journal: Journal, question: Question, situation: Situation) => Promise<OpenGate>;

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
    journal.notifier.announce(questionLine(question));
    journal.events.tell('question.asked', questionLine(question), askedData(question));
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
      delete journal.facts.question;
      close();
    }
  };

async function tryToOpen(journal: Journal, question: Question, open: () => Promise<OpenGate>): Promise<void> {
  try {
    question.gate = await open();
    journal.facts.gates.push(question.gate);
  } catch (error) {
    journal.facts.warnings.push(`question "${question.step}": no codes for "accept": ${failureLine(error)}`);
    question.choices = question.choices.filter(({ choice }) => choice !== 'accept');
  }
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
  journal.events.tell('question.answered', answeredLine(step, choice, by), { step, answer: choice, by });
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

function questionOf(facts: Facts, { step, because }: StepProblem, situation: Situation): Question {
  const { hide, freeze } = facts.environments.production;
  const undo = ['frozen', 'hidden'].includes(situation.data) ? (hide ?? freeze)?.undo : undefined;
  return {
    ...{ step, because },
    choices: situation.choices.map((choice) => ({
      choice,
      does: choiceText(choice),
      needsCode: choice === 'accept',
    })),
    ...situationText(situation),
    ...(facts.kind === 'rollout' && undo !== undefined && { undo }),
    askedAt: new Date().toISOString(),
  };
}

function situationOf({ facts, loaded }: Journal, { acceptable, doubts }: StepProblem): Situation {
  const { kind, run, pastTheDrop, environments, plan, rollback } = facts;
  return {
    ...{ kind, pastTheDrop, target: run.target, data: dataOf(facts) },
    maintenance: environmentNames.filter((name) => environments[name].maintenance !== undefined),
    ...(plan?.restore !== undefined && { restore: plan.restore }),
    ...(rollback && loaded && { lost: { loss: rollback.loss, change: changeKindOf(loaded.plan) } }),
    hasDoubts: acceptable && doubts.length > 0,
    choices: choicesOf(facts, acceptable),
  };
}

function dataOf({ kind, pastTheDrop, environments, rollback }: Facts): Situation['data'] {
  if (kind === 'rollback') return pastTheDrop ? 'being restored' : (rollback?.observed.data ?? 'unknown');
  const { hide, freeze, beingDropped } = environments.production;
  if (pastTheDrop) return 'dropped';
  if (beingDropped === true) return 'being dropped';
  if (hide !== undefined) return 'hidden';
  return freeze === undefined ? 'present' : 'frozen';
}

function choicesOf({ kind, pastTheDrop, environments, plan }: Facts, acceptable: boolean): Choice[] {
  const isRollback = kind === 'rollback';
  const isDecided = environments.production.beingDropped === true && !isRollback;
  const canAbort = !pastTheDrop && !isDecided;
  const canRollBack = !canAbort && !isRollback && plan?.restore !== 'none';
  return [
    'retry',
    ...(acceptable ? ['accept' as const] : []),
    ...(canAbort ? ['abort' as const] : []),
    ...(canRollBack ? ['rollback' as const] : []),
  ];
}
