import { quoted } from '../../sql/quoted-statement';

/** What a person does about a finding; the same as statements where they remove this obstacle and nothing else. */
export interface Remedy {
  remedy: string;
  /** Absent = it takes more than statements, or other ones than can be known here. */
  remedySql?: string[];
}

const again = 'then start the rollout again';

/**
 * Statements that can be run as they stand, with what has to be known before. They stand complete between double quotes, so
 * that a person can copy them and a test can run them; what can not be run in a transaction has to be told by words alone.
 *
 * @param words what is lost, or another way
 */
export const byStatements = (sql: readonly string[], words: string): Remedy => ({
  remedy: `${quoted(...sql)}${words === '' ? '' : ` (${words})`}, ${again}`,
  remedySql: [...sql],
});

/** For what runs in no transaction (`concurrently`): the first is recommended, each of the others is another way. */
export const byOneOf = (...ways: readonly string[]): Remedy => ({
  remedy: `${ways.map((sql) => quoted(sql)).join(', or ')}, ${again}`,
});

/** What no statement mends: something else has to be planned. */
export const beyondThisPlan = (words: string): Remedy => ({ remedy: `that is beyond this plan: ${words}` });

/** What only a person can judge: accepted with a reason, or removed as any other obstacle. */
export const mayBeHarmless = ({ remedy, ...rest }: Remedy): Remedy => ({
  remedy: `read it: if it is harmless, accept it with the reason; otherwise ${remedy}`,
  ...rest,
});
