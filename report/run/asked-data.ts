import type { EventData } from '../../contract/run/run-event';
import type { Question } from '../../contract/run/waiting';

/** A question, for those beyond Slack. */
export const askedData = (question: Question): EventData<'question.asked'> => {
  const { step, because, state, loss, recommended, ifNobodyAnswers, choices } = question;
  return { step, because, state, loss, recommended, ifNobodyAnswers, answers: choices.map(({ choice }) => choice) };
};
