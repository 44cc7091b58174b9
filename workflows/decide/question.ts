import { condition } from '@temporalio/workflow';
import type { OpenGate } from '../../contract/run/decisions';
import type { Facts, Question } from '../../contract/run/facts';
import type { Choice } from '../../contract/run/messages';
import { environments as environmentNames } from '../../contract/run/names';
import { counted } from '../../contract/text/plain-text';
import { abort } from './border';
import type { Journal } from '../journal/journal';
import type { Trouble } from '../journal/step';
import type { Mail } from '../journal/mailbox';
import { codeVerdicts, openBooth } from './gate';
import { startRollback } from './start-rollback';
import { failureLine, Stop } from '../journal/stop';

/** How a question's gate is opened: needs the plan, which a question about loading it has not. */
export type OpenQuestion = (journal: Journal, question: Question) => Promise<OpenGate>;

/**
 * Asks about a step that did not succeed, without limit of time: nothing happens until somebody answers. `accept` needs
 * the code of a direct message; the other choices are the safe direction and need none.
 */
export const askWith =
  (open: OpenQuestion) =>
  async (journal: Journal, trouble: Trouble): Promise<'retry' | 'accept'> => {
    const question = questionOf(journal, trouble);
    journal.facts.question = question;
    journal.bulletin.announce(
      `⚠ ${trouble.step}: ${trouble.because.join(' | ')} (recommended: ${question.recommended})`,
    );
    if (trouble.acceptable) await tryToOpen(journal, question, open);
    const close = openBooth(journal, ['answer'], waitingForAnswer(question));
    try {
      for (;;) {
        await condition(() => (journal.booth?.mail.length ?? 0) > 0 || journal.ending !== undefined);
        if (journal.ending !== undefined) throw journal.ending;
        const mail = journal.booth?.mail.shift();
        const choice = mail && (await readAnswer(journal, trouble, question, mail));
        if (choice === 'retry' || choice === 'accept') return choice;
      }
    } finally {
      delete journal.facts.question;
      close();
    }
  };

async function tryToOpen(journal: Journal, question: Question, open: OpenQuestion): Promise<void> {
  try {
    question.gate = await open(journal, question);
    journal.facts.gates.push(question.gate);
  } catch (error) {
    journal.facts.troubles.push(`question "${question.step}": no codes for "accept": ${failureLine(error)}`);
    question.choices = question.choices.filter(({ choice }) => choice !== 'accept');
  }
}

/** What the answer does, or undefined when it was refused. */
async function readAnswer(
  journal: Journal,
  { doubts }: Trouble,
  question: Question,
  mail: Mail,
): Promise<Choice | undefined> {
  const { message } = mail;
  if (message.kind !== 'answer') return undefined;
  const { choice, code, reason } = message;
  const refuse = (because: string): undefined => void journal.mailbox.answer(mail, false, because);
  if (!question.choices.some((known) => known.choice === choice)) {
    const known = question.choices.map((each) => each.choice).join(', ');
    return refuse(`refused: "${choice}" is no answer to this question; possible: ${known}`);
  }
  let by = 'claimed';
  if (choice === 'accept') {
    if (code === undefined || question.gate === undefined) {
      return refuse('refused: "accept" needs the code of your direct message');
    }
    // It is all that approvers and the report will know of why.
    if (!/\p{L}/u.test(reason ?? '')) return refuse('refused: "accept" needs a reason in words, which is kept');
    const [verdict] = await codeVerdicts(journal, question.gate, [code]);
    if (verdict === undefined || 'refused' in verdict) return refuse(`refused: ${verdict?.refused ?? 'not verified'}`);
    by = verdict.person;
  }
  journal.facts.decisions.push({
    gate: `question: ${question.step}`,
    at: mail.at,
    by,
    decision: choice,
    ...(reason !== undefined && { reason }),
    ...(choice === 'accept' && { about: question.because }),
  });
  if (choice === 'accept' && doubts.length > 0)
    (journal.facts.answered ??= []).push(
      ...doubts.map((finding) => ({ finding, by, reason: reason ?? '', at: mail.at })),
    );
  if (choice === 'abort') {
    abort(journal, reason ?? question.because.join(' | '), mail);
    throw journal.ending ?? new Stop('aborted', 'aborted');
  }
  if (choice === 'rollback') {
    if (!journal.facts.pastTheDrop) {
      abort(journal, reason ?? 'rollback', mail);
      throw journal.ending ?? new Stop('aborted', 'rollback before the drop');
    }
    await startRollback(journal, reason ?? question.because.join(' | '), mail);
    return undefined;
  }
  journal.mailbox.answer(mail, true, choice === 'retry' ? 'tries again' : `accepted by ${by}; goes on`);
  return choice;
}

function questionOf(journal: Journal, { step, because, acceptable, doubts }: Trouble): Question {
  const { pastTheDrop } = journal.facts;
  const isRollback = journal.facts.kind === 'rollback';
  const choices: Question['choices'] = [
    { choice: 'retry', does: 'look again and try this step again', needsCode: false },
  ];
  if (acceptable) choices.push({ choice: 'accept', does: 'go on in spite of it', needsCode: true });
  const isDecided = journal.facts.environments.production.beingDropped === true && !isRollback;
  if (!pastTheDrop && !isDecided)
    choices.push({ choice: 'abort', does: 'put everything back and end', needsCode: false });
  else if (!isRollback && journal.facts.plan?.restore !== 'none') {
    choices.push({ choice: 'rollback', does: 'order the rollback, which asks for its own approval', needsCode: false });
  }
  return {
    step,
    because,
    choices,
    ...(isRollback ? asRollback(journal.facts) : asRollout(journal.facts)),
    ...(acceptable && doubts.length > 0 && { recommended: judge }),
    askedAt: new Date().toISOString(),
  };
}

const judge = 'look at each of them; accept with the reason why they are harmless, or else abort';

type World = Pick<Question, 'recommended' | 'state' | 'loss' | 'ifNobodyAnswers' | 'undo'>;

function asRollout({ pastTheDrop, run, environments, plan }: Facts): World {
  const { hide, freeze, beingDropped } = environments.production;
  if (beingDropped === true && !pastTheDrop) return asDecided(environments, plan?.restore);
  const data = pastTheDrop ? 'dropped' : hide !== undefined ? 'hidden' : freeze !== undefined ? 'frozen' : 'present';
  const undo = pastTheDrop ? undefined : (hide ?? freeze)?.undo;
  return {
    recommended:
      plan?.restore === 'none' && pastTheDrop
        ? 'retry once; if it stays so, mend it by hand: nothing brings back what was dropped'
        : `retry once; if it stays so, ${pastTheDrop ? 'rollback' : 'abort'}`,
    state: `${maintenanceOf(environments)}; data of production ${data} (target ${run.target})`,
    loss: pastTheDrop
      ? plan?.restore === 'none'
        ? 'all of what was dropped, as the plan says'
        : 'a rollback states its loss before it asks for approval'
      : 'none: nothing of production is dropped',
    ifNobodyAnswers: 'nothing happens; it waits and changes nothing',
    ...(undo !== undefined && { undo }),
  };
}

/** The state row has turned, and what the platform was told to do is not done. */
const asDecided = (environments: Facts['environments'], restore: 'none' | undefined): World => ({
  recommended: 'mend the action that drops, then retry: it can only go on',
  state: `${maintenanceOf(environments)}; the drop of production is decided and recorded, and the platform has not done it`,
  loss:
    restore === 'none' ? 'what the action has done so far, for good' : 'none yet that a rollback would not bring back',
  ifNobodyAnswers: 'nothing happens; whatever the action has left stays so',
});

function asRollback({ rollback, run, environments, pastTheDrop }: Facts): World {
  const data = pastTheDrop ? 'being put back' : (rollback?.world.data ?? 'not known');
  const lost = rollback?.loss;
  return {
    recommended: 'mend what is named above, then retry',
    state: `${maintenanceOf(environments)}; data of production ${data} (target ${run.target})`,
    loss:
      lost === undefined
        ? 'not known yet'
        : lost.rows === 0
          ? 'none'
          : `${counted(lost.rows, 'row')} of ${counted(lost.owners, 'owner')} ${lost.means}`,
    ifNobodyAnswers: 'nothing happens; the release that serves goes on serving',
  };
}

const maintenanceOf = (environments: Facts['environments']): string => {
  const doubtful = environmentNames.filter((name) => environments[name].maintenance !== undefined);
  return doubtful.length === 0
    ? 'maintenance off'
    : `MAINTENANCE OF ${doubtful.join(', ').toUpperCase()} MAY BE ON: lift it by hand, or its lease does at its deadline`;
};

const waitingForAnswer = (question: Question) => ({
  for: 'answer',
  sentence: `an answer: "${question.step}" did not succeed: ${question.because.join(' | ')}`,
  who: 'the release manager or on-call',
  then: question.ifNobodyAnswers,
  signals: question.choices.map(({ choice, does, needsCode }) => ({
    name: 'answer' as const,
    input: { choice, reason: '…', ...(needsCode && { code: '…' }) },
    does,
  })),
});
