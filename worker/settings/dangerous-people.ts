import type { Danger, Sections } from './danger';
import type { SettingsFile } from './settings-schema';

/** One human being with two votes. */
export function samePersons({ people = {} }: Sections): Danger[] {
  const seen = new Map<string, string>();
  return Object.entries(people).flatMap(([name, { slack, email }]) =>
    Object.entries({ slack, email: email?.toLowerCase() }).flatMap(([field, mark]): Danger[] => {
      const other = mark === undefined ? undefined : seen.get(mark);
      if (mark !== undefined && other === undefined) seen.set(mark, name);
      if (other === undefined) return [];
      const message = `expected a different one from that of "${other}": one person would have two votes`;
      return [{ path: ['people', name, field], message }];
    }),
  );
}

/** Roles with fewer people that can be sent a code than the policy needs. */
export function impossibleQuorums({ policy, people }: Sections): Danger[] {
  if (policy === undefined || people === undefined) return [];
  const short = Object.entries(policy.approvals).flatMap(([role, count]): Danger[] => {
    const there = votersOf(people, role).length;
    if (there >= count) return [];
    const message = `expected at least ${count} people with role "${role}" and a Slack id, found ${there}; nothing could ever be approved`;
    return [{ path: ['policy', 'approvals', role], message }];
  });
  if (votersOf(people, policy.onCall).length > 0) return short;
  const message = `expected someone with role "${policy.onCall}" and a Slack id, found no one; no question could be answered`;
  return [...short, { path: ['policy', 'onCall'], message }];
}

/** No one would notice before new keys are needed. */
export function custodiansWithoutRecipient({ policy, people = {} }: Sections): Danger[] {
  const message = 'expected a recipient of age ("age1…"): nothing can be sealed for this custodian without one';
  return Object.entries(people).flatMap(([name, { roles, recipient }]): Danger[] =>
    policy !== undefined && roles.includes(policy.custodian) && recipient === undefined
      ? [{ path: ['people', name, 'recipient'], message }]
      : [],
  );
}

/** Names of those who may vote: they have this role and a Slack id. */
export const votersOf = (people: SettingsFile['people'], role: string): string[] =>
  Object.entries(people).flatMap(([name, { slack, roles }]) => (slack && roles.includes(role) ? [name] : []));
