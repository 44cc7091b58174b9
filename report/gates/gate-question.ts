import type { QuestionEvidence } from '../../contract/run/gate-evidence';
import { deletedLines } from './gate-kinds';
import type { GateText } from './gate-part';
import { choiceText, situationText } from '../run/question-text';

/** Whether a step that did not succeed may be accepted: what is wrong first, then where everything stands. */
export function questionGateText({ change, step, because, situation }: QuestionEvidence): GateText {
  const { state, loss, recommended, ifNobodyAnswers } = situationText(situation);
  return {
    title: 'Accept a finding?',
    parts: [
      { title: 'Step that did not succeed', lines: [step] },
      { title: 'What is wrong', lines: because },
      { title: 'Recommended', lines: [recommended] },
      { title: 'State', lines: [state] },
      { title: 'Data loss', lines: [loss] },
      ...(situation.pastTheDrop
        ? []
        : [{ title: 'The rollout would delete from production', lines: deletedLines(change) }]),
      {
        title: 'What you can answer',
        lines: situation.choices.map((choice) => `${choice}: ${choiceText(choice)}`),
      },
      { title: 'If no one answers', lines: [ifNobodyAnswers] },
    ],
  };
}
