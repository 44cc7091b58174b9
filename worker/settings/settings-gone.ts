import type { Fault } from '../../contract/text/faults';

/** Fields that settings had once, by the end of their name: what to do about one that is still there. */
const gone: readonly (readonly [name: RegExp, message: string])[] = [
  [
    /\.actions\.restart: unknown field.*$/s,
    'expected none, found one: no rollout ever ran this action; remove it. What must restart belongs in "deploy"',
  ],
];

/** Unknown fields that used to be known say so, instead of guessing at a slip of the pen. */
export const explainGone = (faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => {
    const found = gone.find(([name]) => name.test(fault.message));
    return found === undefined
      ? fault
      : { ...fault, message: fault.message.replace(/: unknown field.*$/s, `: ${found[1]}`) };
  });
