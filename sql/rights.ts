import { quoteIdentifier } from './identifier';

/** One right, as the catalogue has it: who got it, from whom, and whether it may be passed on. */
export interface Right {
  /** `public` = everybody. */
  grantee: string;
  grantor: string;
  privilege: string;
  grantable: boolean;
}

/** Something that rights are on. */
export interface Rights {
  /** Kind and name, as the catalogue's snapshot calls it: `table s.t`, `table column s.t.c`, `sequence …`, `type …`. */
  object: string;
  owner: string;
  rights: readonly Right[];
}

/** To be run as that role: whoever grants is noted, and what he loses, those lose that he has granted it to. */
export interface RightStatement {
  as: string;
  sql: string;
}

/**
 * Makes the rights those that were captured, with the grantors that they had. A table that is made again has others:
 * default privileges add some, and all of them are its owner's.
 */
export function rightStatements({ object, owner, rights }: Rights, now: readonly Right[]): RightStatement[] {
  const key = (right: Right): string =>
    JSON.stringify([right.grantee, right.grantor, right.privilege, right.grantable]);
  const wanted = new Set(rights.map(key));
  const superfluous = now.filter((right) => !wanted.has(key(right)));
  if (superfluous.length === 0 && rights.length === now.length) return [];
  const [privilegeOn, privilegeList] = placeOf(object);
  const on = ({ privilege }: Right): string => `${privilege}${privilegeList} on ${privilegeOn}`;
  return [
    ...superfluous.map((right) => ({
      as: right.grantor,
      sql: `revoke ${on(right)} from ${roleName(right.grantee)} cascade`,
    })),
    ...fromTheOwnerOn(rights, owner).map((right) => ({
      as: right.grantor,
      sql: `grant ${on(right)} to ${roleName(right.grantee)}${right.grantable ? ' with grant option' : ''}`,
    })),
  ];
}

/** Nobody can pass on what he has not got yet. */
function fromTheOwnerOn(rights: readonly Right[], owner: string): Right[] {
  const ordered: Right[] = [];
  let able = new Set([owner]);
  for (let rest = [...rights]; rest.length > 0;) {
    const next = rest.filter(({ grantor }) => able.has(grantor));
    if (next.length === 0) return [...ordered, ...rest];
    ordered.push(...next);
    able = new Set([...able, ...next.filter(({ grantable }) => grantable).map(({ grantee }) => grantee)]);
    rest = rest.filter((right) => !next.includes(right));
  }
  return ordered;
}

/** What stands behind `on`, and the column, if it is one. */
function placeOf(object: string): [string, string] {
  const [, relation, column] = /^table column (.+)\.("(?:[^"]|"")+"|[^."]+)$/s.exec(object) ?? [];
  return relation === undefined ? [object, ''] : [`table ${relation}`, ` (${column ?? ''})`];
}

const roleName = (role: string): string => (role === 'public' ? 'public' : quoteIdentifier(role));
