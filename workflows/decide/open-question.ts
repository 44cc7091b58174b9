import { openGate } from './gate';
import { rolloutEvidence } from './evidence';
import type { OpenQuestion } from './question';

/** Codes for `accept`, to those on call: a question is a gate with a quorum of one. */
export const openQuestionGate: OpenQuestion = (journal, question) => {
  const { loaded } = journal;
  if (loaded === undefined) throw new Error('a question about a plan that was not loaded');
  const { plan, planDigest, onCall } = loaded;
  const evidence = { ...rolloutEvidence(journal.facts, loaded), seen: question.because, when: 'at once' };
  const name = `question: ${question.step}`;
  return openGate(journal, { name, purpose: 'accept', needs: { [onCall]: 1 }, evidence, plan, planDigest });
};
