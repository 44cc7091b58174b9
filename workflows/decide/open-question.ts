import { openGate } from './gate';
import { questionEvidence } from './evidence';
import type { OpenQuestion } from './question';

/** Codes for `accept`, to those on call: a question is a gate with a quorum of one. */
export const openQuestionGate: OpenQuestion = async (journal, question, situation) => {
  const { loaded } = journal;
  if (loaded === undefined) throw new Error('a question about a plan that was not loaded');
  const { plan, planDigest, onCall } = loaded;
  const { step, because } = question;
  const evidence = questionEvidence(journal.facts, plan, { step, because, situation });
  const name = `question: ${step}`;
  const asked = { name, purpose: 'accept', needs: { [onCall]: 1 }, evidence, plan, planDigest } as const;
  const { shown = evidence, ...gate } = await openGate(journal, asked);
  return { gate, evidence: shown };
};
