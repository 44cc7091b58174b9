import { traits } from '../../contract/plan/kinds';
import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import type { Change } from '../../contract/run/change';
import type { Accepted, Ahead, RolloutEvidence } from '../../contract/run/gate-evidence';
import { deletedLines, gateKinds } from './gate-kinds';
import { proofLines } from './gate-proof';
import type { GatePart, GateTerms, GateText } from './gate-part';

/** The approval of production: what will be deleted, why that is safe, until when it can be undone, and what a no does. */
export function rolloutText({ expiresAt }: GateTerms, { change, ahead, proof, accepted }: RolloutEvidence): GateText {
  return {
    title: 'Your approval is requested',
    parts: [
      { title: deletedTitle(change), lines: deletedLines(change) },
      ...acceptedPart(accepted),
      { title: 'Why it is safe', lines: proofLines(proof, change, accepted) },
      { title: 'Reversible', lines: reversibleLines(change, ahead) },
      { title: 'After the last approval', lines: [aheadLine(change, ahead)] },
      {
        title: 'If you reject, or no one answers',
        lines: [
          `nothing changes in production; staging keeps the change. A rejection ends the rollout at once; without enough ` +
            `approvals it ends at ${readableInstant(expiresAt)}`,
        ],
      },
    ],
  };
}

/** What can't be had back is said first, not among the ways to undo it. */
const deletedTitle = ({ savedBy }: Change): string =>
  `Will be deleted from production${savedBy === 'nothing' ? ', NOT RECOVERABLE after the drop' : ''}`;

function acceptedPart(accepted: readonly Accepted[]): GatePart[] {
  const lines = accepted.flatMap(({ gate, by, reason, about = [] }) => [
    `${by} accepted in "${gate}"${reason === undefined ? '' : `, because: ${reason}`}`,
    ...about.map((line) => `the finding: ${line}`),
  ]);
  return lines.length === 0 ? [] : [{ title: '⚠ Accepted despite a finding', lines }];
}

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
  return [
    when,
    ...(change.savedBy === 'nothing' || !traits[change.kind].hasValues ? [] : ['backup restored and compared']),
    `release ${release.to}`,
    gateKinds[change.kind].outOfUse,
    `trial of ${readableDuration(trialMs)} on live traffic`,
    'drop',
  ].join(' → ');
}
