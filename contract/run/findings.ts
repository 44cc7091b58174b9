/** A negative answer is a value: what was looked at, what was expected, what was found, what to do. */

/**
 * `unknown` means that it could not be measured; it never counts as passed. `possible` means that it may be in the way, and
 * nothing here can tell whether it is: a person answers with a reason, which is kept, and without an answer nothing goes on.
 */
export type FindingStatus = 'passed' | 'failed' | 'possible' | 'unknown' | 'not covered';

/** One looked-at thing. Holds no secret, no key, no row's value. */
export interface Finding {
  /** What was looked at, e.g. `rows of sessions`. Unique within one activity's list. */
  check: string;
  /** `not covered` = the plan or the settings have no such section; reported, never a reason to stop by itself. */
  status: FindingStatus;
  expected: string;
  found: string;
  /** What a person can do about it; present unless passed. */
  remedy?: string;
  /**
   * The same as statements, where the catalogue says all of them: run one after the other in one transaction, they remove
   * this obstacle and nothing else.
   */
  remedySql?: string[];
  /** Figures for the report's JSON; small (below 4 kB). */
  evidence?: unknown;
  /** Query plans as text without any value, for the report: whose, and what EXPLAIN says. */
  plans?: { of: string; text: string }[];
  /** Where what the plan removes stays in spite of its removal, one phrase a place; for the report. */
  remains?: string[];
}

/** Findings that stand in the way: failed or unknown ones. */
export const obstacles = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ status }) => status === 'failed' || status === 'unknown');

/** Findings that only a person can judge. */
export const doubts = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ status }) => status === 'possible');

/** Whether it is the same doubt about the same thing: what has changed since somebody answered is another one. */
export const isSameDoubt = (a: Finding, b: Finding): boolean => doubtKey(a) === doubtKey(b);

const doubtKey = ({ check, expected, found, evidence }: Finding): string =>
  JSON.stringify([check, expected, found, evidence ?? null]);

/** One line for a message: `expected …, found …; remedy`. */
export const findingLine = ({ check, expected, found, remedy }: Finding): string =>
  `${check}: expected ${expected}, found ${found}${remedy === undefined ? '' : `; ${remedy}`}`;

/** A finding that says either "as expected" or what to do; the usual way to make one. */
export function finding(
  check: string,
  outcome: boolean | 'unknown' | 'possible',
  facts: Pick<Finding, 'expected' | 'found' | 'evidence' | 'plans' | 'remains' | 'remedySql'> & { remedy: string },
): Finding {
  const { remedy, remedySql, ...rest } = facts;
  if (outcome === true) return { check, status: 'passed', ...rest };
  const status = outcome === false ? 'failed' : outcome;
  return { check, status, ...rest, remedy, ...(remedySql && { remedySql }) };
}
