import type { Question } from '../../contract/run/waiting';
import type { Choice } from '../../contract/run/messages';
import type { Situation } from '../../contract/run/situation';
import { isWithoutLoss, lossLine } from './loss';

/** What a question says of where everything stands, and what it recommends. */

export type SituationText = Pick<Question, 'recommended' | 'state' | 'loss' | 'ifNobodyAnswers'>;

const choices: Record<Choice, string> = {
  retry: 'check again and repeat this step',
  accept: 'continue despite it; needs the code from your direct message and a reason',
  abort: 'undo everything and end',
  rollback: 'order a rollback, which asks for its own approval',
};

export const choiceText = (choice: Choice): string => choices[choice];

export function situationText(situation: Situation): SituationText {
  const text = textOf(situation);
  return situation.hasDoubts ? { ...text, recommended: judge } : text;
}

const judge = 'review each of them; accept with the reason why they are harmless, otherwise abort';

function textOf(situation: Situation): SituationText {
  if (situation.kind === 'rollback') return ofRollback(situation);
  if (situation.data === 'being dropped') return whileDropping(situation);
  return situation.pastTheDrop ? afterTheDrop(situation) : beforeTheDrop(situation);
}

const beforeTheDrop = (situation: Situation): SituationText => ({
  recommended: 'retry once; if it fails again, abort',
  state: stateOf(situation),
  loss: 'none: nothing was dropped in production',
  ifNobodyAnswers: waits,
});

const afterTheDrop = (situation: Situation): SituationText => ({
  recommended:
    situation.restore === 'none'
      ? 'retry once; if it fails again, fix it by hand: what was dropped cannot be restored'
      : 'retry once; if it fails again, rollback',
  state: stateOf(situation),
  loss:
    situation.restore === 'none'
      ? 'everything that was dropped, as the plan says'
      : 'a rollback states its loss before it asks for approval',
  ifNobodyAnswers: waits,
});

/** The state row has turned, and what the platform was told to do is not done. */
const whileDropping = (situation: Situation): SituationText => ({
  recommended: 'fix the action that drops, then retry: it cannot be undone from here',
  state: `${maintenanceOf(situation)}; the drop of production is recorded, but the platform has not carried it out`,
  loss:
    situation.restore === 'none'
      ? 'what the action has deleted so far, for good'
      : 'none so far that a rollback would not restore',
  ifNobodyAnswers: 'nothing happens; what the action has left stays as it is',
});

const ofRollback = (situation: Situation): SituationText => ({
  recommended: 'fix what is named above, then retry',
  state: stateOf(situation),
  loss: situation.lost === undefined ? 'not known yet' : lossOf(situation.lost),
  ifNobodyAnswers: 'nothing happens; the serving release keeps serving',
});

const waits = 'it waits; nothing is changed';

const stateOf = (situation: Situation): string =>
  `${maintenanceOf(situation)}; data of production ${situation.data} (target ${situation.target})`;

const maintenanceOf = ({ maintenance }: Situation): string =>
  maintenance.length === 0
    ? 'maintenance off'
    : `MAINTENANCE OF ${maintenance.join(', ').toUpperCase()} MAY BE ON: lift it by hand, or its lease lifts it at the deadline`;

const lossOf = ({ loss, change }: NonNullable<Situation['lost']>): string =>
  isWithoutLoss(loss) ? 'none' : lossLine(loss, change);
