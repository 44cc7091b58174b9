import { mostCodes } from '../../contract/run/decisions';
import { digestOf } from '../../contract/text/digest';
import type { CodePurpose, CodeVerdict, Gate, OpenGate, Vote } from '../../contract/run/decisions';
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

/** Whose code each one is, or why it counts for nothing. The codes of a gate are computed once, however many are asked about. */
export function verdictsOn(
  electorate: BoundElectorate,
  gate: OpenGate | Gate,
  codes: readonly unknown[],
): CodeVerdict[] {
  const voters = votersOf(electorate, gate);
  const codesFor = (purpose: CodePurpose) =>
    voters.map((person) => ({ person, code: approvalCode(electorate, { ...gate, purpose }, person.name) }));
  const right = codesFor(gate.purpose);
  const rejections = codesFor('reject');
  const others = otherPurposes(gate.purpose).map((purpose) => ({ purpose, right: codesFor(purpose) }));
  return codes.map((code): CodeVerdict => {
    if (typeof code !== 'string' || code === '') return { refused: 'it has no code' };
    const owner = right.find((each) => sameCode(code, each.code))?.person;
    if (owner !== undefined) return { person: owner.name, roles: owner.roles };
    const rejecter = rejections.find((each) => sameCode(code, each.code))?.person;
    if (rejecter !== undefined) return { person: rejecter.name, roles: rejecter.roles, only: 'reject' };
    const other = others.find((each) => each.right.some((one) => sameCode(code, one.code)))?.purpose;
    if (other !== undefined) return { refused: `this code is for "${other}", not for "${gate.purpose}"` };
    return { refused: 'this is no code of this opening; use the one of your newest direct message' };
  });
}

/** The votes whose codes are right, of distinct persons: what an effect counts, whatever the workflow has counted. */
export function validVotes(
  electorate: BoundElectorate,
  gate: Gate,
  votes: readonly Vote[],
): Pick<Vote, 'person' | 'roles'>[] {
  const codes = votes.slice(0, mostCodes).map(({ code }) => code);
  const counted = new Map<string, string[]>();
  for (const verdict of verdictsOn(electorate, gate, codes))
    if ('person' in verdict && verdict.only === undefined) counted.set(verdict.person, verdict.roles);
  return [...counted].map(([person, roles]) => ({ person, roles }));
}
