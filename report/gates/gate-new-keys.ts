import type { NewKeysEvidence } from '../../contract/run/gate-evidence';
import { counted } from '../../contract/text/plain-text';
import { expirySentence } from '../run/approvals';
import { namesOf } from './gate-kinds';
import type { GateTerms, GateText } from './gate-part';

/** Two receipts of a custodian: the sealed keys can be read; every client has its new key. */
export const newKeysText = (gate: GateTerms, evidence: NewKeysEvidence): GateText =>
  evidence.isChanged ? handOverText(gate, evidence) : receiveText(gate, evidence);

const receiveText = (gate: GateTerms, evidence: NewKeysEvidence): GateText => ({
  title: 'New keys are sealed for you',
  parts: [
    {
      title: 'What you confirm',
      lines: ['that you can open your file and read its keys. Nothing changes before that'],
    },
    {
      title: 'After your confirmation',
      lines: [
        `the rows of ${counted(evidence.owners, 'owner')} get the keys of this file. From then on their old keys are refused`,
      ],
    },
    notReversible(evidence),
    {
      title: 'If you reject, or do not answer',
      lines: [`a rejection ends the rollback, and no row is changed. ${expirySentence(gate)}`],
    },
  ],
});

const handOverText = (gate: GateTerms, evidence: NewKeysEvidence): GateText => ({
  title: 'Does every client have its new key?',
  parts: [
    { title: 'What you confirm', lines: ['that each client has its own new key, and only that one'] },
    {
      title: 'What was changed',
      lines: [
        `${counted(evidence.owners, 'owner')} have a new key; the table rubicon.new_hash has the hash of each old and new one`,
      ],
    },
    notReversible(evidence),
    {
      title: 'If you reject, or do not answer',
      lines: [
        `a rejection ends the rollback; the new keys stay, and the report says that the key distribution is not confirmed. ` +
          expirySentence(gate),
      ],
    },
  ],
});

const notReversible = ({ change }: NewKeysEvidence) => ({
  title: 'Reversible',
  lines: [`no: the old keys of ${namesOf(change)} are in no copy`],
});
