import type { Facts } from '../../contract/run/facts';
import type { ShownStatus, ShownStep } from '../../contract/activities/shown-status';

/** Of a note; the message shows 120 characters, which may be longer as they came. */
const noteLength = 400;
/** Slack shows as many troubles at most. */
const mostWarnings = 3;

/**
 * What the message shows of the facts. It is sent again with each change and stays in the history each time, so it takes
 * nothing along that nobody sees there. Pure.
 */
export function shownStatus(facts: Facts): ShownStatus {
  const { kind, run, requesters, phase, held, outcome, because, report, link, warnings, order, plan } = facts;
  const { waiting, question } = facts;
  return {
    ...{ kind, run, requesters, phase, warnings: warnings.slice(-mostWarnings) },
    ...(held && { held }),
    ...(outcome && { outcome }),
    ...(because !== undefined && { because }),
    ...(report !== undefined && { report }),
    ...(link !== undefined && { link }),
    order: {
      ...(order.plan !== undefined && { plan: order.plan }),
      ...(order.reason !== undefined && { reason: order.reason }),
    },
    ...(plan && { plan: { name: plan.name, does: plan.does, digest: plan.digest } }),
    ...(waiting && { waiting: ofWaiting(waiting) }),
    ...(question && { question: ofQuestion(question) }),
    steps: facts.steps.map(ofStep),
  };
}

const ofWaiting = ({ sentence, who, until, then }: NonNullable<Facts['waiting']>): ShownStatus['waiting'] & object => ({
  ...{ sentence, who, then },
  ...(until !== undefined && { until }),
});

const ofQuestion = (question: NonNullable<Facts['question']>): ShownStatus['question'] & object => {
  const { step, because, state, loss, recommended, ifNobodyAnswers } = question;
  return { step, because, state, loss, recommended, ifNobodyAnswers };
};

const ofStep = ({ name, state, startedAt, endedAt, note }: Facts['steps'][number]): ShownStep => ({
  ...{ name, state, startedAt },
  ...(endedAt !== undefined && { endedAt }),
  ...(note !== undefined && { note: note.slice(0, noteLength) }),
});
