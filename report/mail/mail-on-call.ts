import type { RunEvent } from '../../contract/run/run-event';
import { mailText, whereLines, type MailText } from './mail-text';

type ForOnCall = Extract<RunEvent, { type: 'question.asked' | 'rollback.ordered' | 'aftercare.found' }>;

/** What somebody on call, or the one who has ordered it, has to know at once: state, loss, one recommended answer. */
export function onCallMail(event: ForOnCall, person: string): MailText {
  const { run } = event;
  const why = 'You get this mail because you are on call for changes of Rubicon, or have ordered this one.';
  return mailText({ person, why, subject: subjectOf(event) }, [...paragraphsOf(event), whereLines({ ...event, run })]);
}

function subjectOf({ run, ...event }: ForOnCall): string {
  const of = `${run.plan} on ${run.target}`;
  switch (event.type) {
    case 'question.asked':
      return `Answer needed: ${event.data.step} (${of})`;
    case 'rollback.ordered':
      return `Rollback ordered: ${of}`;
    case 'aftercare.found':
      return `Aftercare is not green: ${of}`;
  }
}

function paragraphsOf(event: ForOnCall): string[][] {
  switch (event.type) {
    case 'question.asked': {
      const { step, because, state, loss, recommended, ifNobodyAnswers, answers } = event.data;
      return [
        [`${step} did not succeed, and the ${event.run.kind} waits for an answer.`],
        because.map((line) => `- ${line}`),
        [
          `State:            ${state}`,
          `Loss:             ${loss}`,
          `Recommended:      ${recommended}`,
          `If no one answers: ${ifNobodyAnswers}`,
        ],
        [
          `Possible answers: ${answers.join(', ')}. Send one as the signal "answer" in Temporal UI, or by the CLI.`,
          ...(answers.includes('accept') ? ['"accept" needs the code of your direct message in Slack.'] : []),
        ],
      ];
    }
    case 'rollback.ordered':
      return [
        [`a rollback was ordered: ${event.data.reason}`],
        [`It asks for its own approval as ${event.data.rollback}.`],
      ];
    case 'aftercare.found':
      return [['a look at production after the change was not green:'], event.data.because.map((line) => `- ${line}`)];
  }
}
