import type { GateEvidence } from '../../contract/run/gate-evidence';
import type { GateTerms, GateText } from './gate-part';
import { newKeysText } from './gate-new-keys';
import { questionGateText } from './gate-question';
import { rollbackText } from './gate-rollback';
import { rolloutText } from './gate-rollout';
import { claimedPart, sealedPart } from './gate-seals';

/** What is asked, for whoever shows it. What nobody has sealed is said right after what it is about. */
export function gateText(gate: GateTerms, evidence: GateEvidence): GateText {
  const { title, parts } = asked(gate, evidence);
  const { seals } = evidence;
  if (seals === undefined) return { title, parts };
  const [first, ...rest] = parts;
  return { title, parts: [...(first ? [first] : []), ...claimedPart(seals), ...rest, ...sealedPart(seals)] };
}

function asked(gate: GateTerms, evidence: GateEvidence): GateText {
  switch (evidence.about) {
    case 'rollout':
      return rolloutText(gate, evidence);
    case 'question':
      return questionGateText(evidence);
    case 'rollback':
      return rollbackText(gate, evidence);
    case 'new keys':
      return newKeysText(gate, evidence);
  }
}
