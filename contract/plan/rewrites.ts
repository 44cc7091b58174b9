import type { Fault } from '../text/faults';

/**
 * A column that is given another type in place is not ours: the server writes the whole table under a lock that nobody
 * reads through, and what was cut off is nowhere. Whoever tries is told the way that has a way back.
 */
export const noRewrite =
  'expected another column beside this one, found a rewrite in place, which is refused: "alter column … type" writes the ' +
  'whole table while no one can read it, and cannot be undone; add a column of the new type, fill it, let a release write ' +
  'both, and then remove the old one here, with "replacedBy", "primaryKey" and a "proof" such as "removed = replacement::text"';

const meant = /^(?:removes\[\d+\]\.)?(?:type|to|as|using|cast|rewrites?|retypes?|alters?|changes?): unknown field/;

/** Faults of fields that we do not know, and that can mean nothing else. */
export const explainRewrites = (faults: readonly Fault[]): Fault[] =>
  faults.map((fault) =>
    meant.test(fault.message) ? { ...fault, message: fault.message.replace(/unknown field.*$/s, noRewrite) } : fault,
  );
