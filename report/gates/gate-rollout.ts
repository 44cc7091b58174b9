import { traits } from '../../contract/plan/kinds';
import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import type { Change } from '../../contract/run/change';
import { changeStepsOf, type ChangeStepName } from '../../contract/run/rollout-steps';
import type { Ahead, RolloutEvidence } from '../../contract/run/gate-evidence';
import { deletedLines, gateKinds } from './gate-kinds';
import { oddParts } from './gate-odd';
import { proofLine } from './gate-proof';
import { expirySentence } from '../run/approvals';
import type { GatePart, GateTerms, GateText } from './gate-part';

/**
 * The approval of production: what will be deleted, when, and the way back; what is odd, in full; what went well, in one line; what a no
 * does.
 */
export function rolloutText(gate: GateTerms, evidence: RolloutEvidence): GateText {
  const { change, ahead, proof, accepted } = evidence;
  return {
    title: 'Your approval is requested',
    parts: [
      { title: deletedTitle(change), lines: deletedLines(change) },
      ...overridePart(ahead),
      { title: 'After the last approval', lines: [aheadLine(change, ahead)] },
      { title: 'Reversible', lines: reversibleLines(change, ahead) },
      ...oddParts(evidence),
      { title: 'What went well', lines: [proofLine(proof, change, accepted.length > 0)] },
      {
        title: 'If you reject, or no one answers',
        lines: [
          `nothing changes in production; staging keeps the change. A rejection ends the rollout at once. ${expirySentence(gate)}`,
        ],
      },
    ],
  };
}

/** What can't be had back is said first, not among the ways to undo it. */
const deletedTitle = ({ savedBy }: Change): string =>
  `Will be deleted from production${savedBy === 'nothing' ? ', NOT RECOVERABLE after the drop' : ''}`;

/** What the policy would not allow at this time is allowed by one more approval, for a reason. */
const overridePart = ({ override }: Ahead): GatePart[] =>
  override === undefined
    ? []
    : [
        {
          title: '⚠ Overrides the change windows and freezes of the policy',
          lines: [`because: ${override}`, 'so it takes one more approval than usual'],
        },
      ];

const reversibleLines = (change: Change, { keepBackupsMs }: Ahead): string[] => {
  const { undo, restore } = gateKinds[change.kind];
  return [
    `until the drop: completely, ${undo}. A failed trial undoes it automatically; anyone may send "abort"`,
    `after the drop: ${restore(change.savedBy)}`,
    ...(change.savedBy === 'nothing' || !traits[change.kind].hasValues
      ? []
      : [`backup and final copy are kept for ${readableDuration(keepBackupsMs)} after the end, then destroyed`]),
  ];
};

function aheadLine(change: Change, ahead: Ahead): string {
  const { announceAheadMs, notBefore, hasWindows, trialMs, release } = ahead;
  const when = [
    `wait ${readableDuration(announceAheadMs)}`,
    ...(notBefore === undefined ? [] : [`not before ${readableInstant(notBefore)}`]),
    ...(hasWindows ? ['in a change window'] : []),
  ].join(', ');
  const told = {
    backup: 'backup restored and compared',
    newRelease: `release ${release.to}`,
    recheck: '',
    freeze: 'writes blocked',
    recount: '',
    finalCopy: 'final copy taken',
    hide: gateKinds[change.kind].hidden,
    trial: `trial of ${readableDuration(trialMs)} on live traffic`,
    drop: 'drop',
  } satisfies Record<ChangeStepName, string>;
  const steps = changeStepsOf(change.kind).map((name) => told[name]);
  return [when, ...steps.filter((step) => step !== '')].join(' → ');
}
