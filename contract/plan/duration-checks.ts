import { toMs } from '../text/duration';
import type { Durations } from './plan';
import type { PlanSections, Problem } from './problem';

type Name = keyof Durations;

/** Checks of waits against each other: what can't be waited for in this order, or would never happen. */
export function durationProblems({ durations }: PlanSections): Problem[] {
  if (durations === undefined) return [];
  const ms = (name: Name) => toMs(durations[name] ?? '0 s'); // only where the plan has it
  const problem = (name: Name, expected: string) => ({
    path: ['durations', name],
    message: `expected ${expected}, found "${durations[name]}"`,
  });
  const beyond = (Object.keys(durations) as Name[]).filter((name) => ms(name) > longestMs);
  const zero = positive.filter((name) => ms(name) === 0);
  return [
    ...beyond.map((name) => problem(name, 'at most 366 days')),
    ...zero.map((name) => problem(name, 'more than 0')),
    ...(ms('soak') <= longestMs && ms('soak') > ms('soakEvery') * mostSoakSamples
      ? [problem('soakEvery', `at least a ${mostSoakSamples}th of "soak" (${durations.soak}): each sample is kept`)]
      : []),
    ...within.flatMap(([name, whole]) =>
      ms(name) > ms(whole) ? [problem(name, `at most "${whole}" (${durations[whole]}), or nothing is sampled`)] : [],
    ),
    ...(ms('gateExpiry') > ms('announceAhead')
      ? []
      : [
          problem(
            'gateExpiry',
            `more than "announceAhead" (${durations.announceAhead}), or approvals expire before they count`,
          ),
        ]),
    ...(ms('lockTimeout') > longestLockMs
      ? [problem('lockTimeout', 'at most 2 s, since every reader waits that long behind the drop')]
      : []),
    ...(ms('lockGivesUp') > ms('lockTimeout')
      ? []
      : [problem('lockGivesUp', `more than "lockTimeout" (${durations.lockTimeout}), or a lock is tried only once`)]),
  ];
}

/** Each costs about ten events of a history, which holds 50,000. */
const mostSoakSamples = 2_000;

const longestMs = 366 * 86_400_000;
const longestLockMs = 2_000;

const positive: readonly Name[] = [
  'soakEvery',
  'monitorEvery',
  'reminderEvery',
  'maintenance',
  'lockTimeout',
  'aftercareHourlyEvery',
  'aftercareDailyEvery',
];

/** A turn must fit into what it divides. */
const within: readonly (readonly [Name, Name])[] = [
  ['soakEvery', 'soak'],
  ['monitorEvery', 'monitor'],
  ['monitorEvery', 'trial'],
];
