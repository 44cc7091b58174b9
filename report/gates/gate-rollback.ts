import { traits } from '../../contract/plan/kinds';
import { readableInstant } from '../../contract/text/instant';
import type { Change } from '../../contract/run/change';
import type { RollbackEvidence } from '../../contract/run/gate-evidence';
import type { ObservedState } from '../../contract/run/observed-state';
import { gateKinds, namesOf } from './gate-kinds';
import { expirySentence } from '../run/approvals';
import type { GatePart, GateTerms, GateText } from './gate-part';
import { amountOf, backLine, isWithoutLoss, lossLine, rowsOf } from '../run/loss';

/** The approval of a rollback: what will be lost, what comes back and from where, and what a no does. */
export function rollbackText(gate: GateTerms, evidence: RollbackEvidence): GateText {
  const { change, found } = evidence;
  const isLossy = gate.purpose === 'accept-loss';
  const parts = found.observed.row === 'dropped' ? afterTheDrop(evidence) : beforeTheDrop(change);
  return {
    title: `Take back (${isLossy ? `${rowsOf(found.loss, change)} will be lost` : 'nothing is lost'})`,
    parts: [...parts, stateNow(evidence), refusal(gate, evidence)],
  };
}

function afterTheDrop({ change, found, release, noCopy }: RollbackEvidence): GatePart[] {
  const { loss, restorable, backup, newKeys } = found;
  const { comesBack, rebuild } = gateKinds[change.kind];
  return [
    {
      title: isWithoutLoss(loss) ? 'Data loss' : 'Will be lost',
      lines: [isWithoutLoss(loss) ? 'none: everything is restored' : lossLine(loss, change, backup)],
    },
    ...(newKeys === true
      ? [
          {
            title: 'Why this is the only way',
            lines: [
              `neither final copy nor backup is usable: ${noCopy ?? 'no reason was found'}`,
              'if either can still be recovered, reject this, recover it and start again: then every client keeps its key',
            ],
          },
        ]
      : []),
    {
      title: 'Will be restored',
      lines: [
        comesBack(namesOf(change)),
        ...(restorable.rows === 0 ? [] : [backLine(restorable, change)]),
        ...(traits[change.kind].hasValues
          ? sources(found, change)
          : ['no copy or backup is needed: no value was dropped']),
      ],
    },
    {
      title: 'After the approval',
      lines: [
        [
          newKeys === true ? 'a custodian opens the new keys' : 'at once',
          rebuild,
          traits[change.kind].hasValues ? 'indexes and revision' : 'revision',
          `release ${release.from}`,
        ].join(' → '),
      ],
    },
    {
      title: 'Reversible',
      lines: [
        'until its first change, by "abort". From then on it runs to its end' +
          (newKeys === true ? '; old keys cannot be restored' : '; to remove the data again, start the rollout again'),
      ],
    },
  ];
}

/** What values come back from. */
const sources = ({ copy, backup }: RollbackEvidence['found'], change: Change): string[] => [
  copy === undefined
    ? 'there is no final copy'
    : `final copy of ${readableInstant(copy.takenAt)}, unchanged: ${amountOf(copy.pairs, change)}`,
  backup === undefined
    ? 'there is no proven backup'
    : `proven backup of ${readableInstant(backup.takenAt)}, unchanged (sha256 ${backup.sha256.slice(0, 12)})`,
];

/** A rollout that has died before its drop has left something hidden or frozen. */
const beforeTheDrop = (change: Change): GatePart[] => [
  { title: 'Data loss', lines: ['none: nothing was dropped'] },
  { title: 'Will be restored', lines: [namesOf(change)] },
  { title: 'After the approval', lines: [`at once: ${gateKinds[change.kind].unhide}`] },
  { title: 'Reversible', lines: ['start the rollout again'] },
];

function stateNow({ found: { observed } }: RollbackEvidence): GatePart {
  const line =
    `data ${observed.data}${frozen(observed)}; serving release ${observed.release ?? 'not known'}; ` +
    `revision ${observed.revision ?? 'not covered'}; state row "${observed.row}"`;
  return { title: 'Production now', lines: [line] };
}

const frozen = ({ freeze }: ObservedState): string => (freeze === undefined ? '' : ', writes blocked');

function refusal(gate: GateTerms, { found: { observed } }: RollbackEvidence): GatePart {
  const held = observed.row === 'dropped' ? '; a rollout that was put on hold for this stays on hold' : '';
  const stays = `production stays as it is, with the data ${observed.data}${frozen(observed)}${held}`;
  return {
    title: 'If you reject, or no one answers',
    lines: [`${stays}. A rejection ends the rollback at once. ${expirySentence(gate)}`],
  };
}
