import { digestOf } from '../../contract/text/digest';
import type { CodeVerdict, Gate, OpenGate, Vote } from '../../contract/run/decisions';
import { approvalCode, otherPurposes, sameCode } from './approval-code';
import type { OwnFacts } from './approval-code';
import type { ApprovalKey, Person, Policy } from './policy';

/** What the production worker alone knows: who may decide, and the key of their codes. */
export interface Electorate {
  people: readonly Person[];
  policy: Policy;
  approvalKey: ApprovalKey;
}

/** Bound into codes and state rows: a policy or a list of people that changes meanwhile makes old codes worthless. */
export const policyDigestOf = ({ policy, people }: Pick<Electorate, 'policy' | 'people'>): string =>
  digestOf({
    policy,
    people: people.map(({ name, roles, slackId, recipient }) => ({
      name,
      roles: [...roles].sort(),
      slackId,
      recipient,
    })),
  });

/** Those whose vote counts for a gate: a needed role, and neither asked for it nor named by its start. */
export const votersOf = ({ people }: Pick<Electorate, 'people'>, gate: Pick<Gate, 'needs' | 'requesters'>): Person[] =>
  people.filter(
    ({ name, roles }) =>
      !gate.requesters.includes(name) && roles.some((role) => Object.keys(gate.needs).includes(role)),
  );

/** An electorate with all that its codes are bound to besides their gate. */
export type BoundElectorate = Electorate & OwnFacts;

/** @param systemIdentifier of the production server behind the settings' URL */
export const bindTo = (electorate: Electorate, systemIdentifier: string): BoundElectorate => ({
  ...electorate,
  policyDigest: policyDigestOf(electorate),
  systemIdentifier,
});

/** Whose code it is, or why it counts for nothing. */
export function verdictOn(electorate: BoundElectorate, gate: OpenGate | Gate, code: string): CodeVerdict {
  if (code === '') return { refused: 'it has no code' };
  const owner = (of: Gate): Person | undefined =>
    votersOf(electorate, gate).find(({ name }) => sameCode(code, approvalCode(electorate, of, name)));
  const person = owner(gate);
  if (person !== undefined) return { person: person.name, roles: person.roles };
  const other = otherPurposes(gate.purpose).find((purpose) => owner({ ...gate, purpose }) !== undefined);
  if (other !== undefined) return { refused: `this code is for "${other}", not for "${gate.purpose}"` };
  return { refused: 'this is no code of this opening; use the one of your newest direct message' };
}

/** The votes whose codes are right, of distinct persons: what an effect counts, whatever the workflow has counted. */
export function validVotes(
  electorate: BoundElectorate,
  gate: Gate,
  votes: readonly Vote[],
): Pick<Vote, 'person' | 'roles'>[] {
  const counted = new Map<string, string[]>();
  for (const { code } of votes) {
    const verdict = verdictOn(electorate, gate, code);
    if ('person' in verdict) counted.set(verdict.person, verdict.roles);
  }
  return [...counted].map(([person, roles]) => ({ person, roles }));
}
