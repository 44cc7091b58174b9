import type { Facts } from '../contract/run/facts';

/** The facts as others may see them: a used code is worth nothing any more, but nobody needs to read it. */
export const withoutCodes = (facts: Facts): Facts => ({
  ...facts,
  votes: facts.votes.map((vote) => ({ ...vote, code: '(redacted)' })),
});
