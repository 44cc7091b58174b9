import type { EnvironmentName } from '../../contract/run/names';
import type { Outcome } from '../../contract/run/outcome';
import type { Story } from '../stories/story';

/** What must be there in the end, and what was shown by it. */
export interface Expected {
  ends: Outcome;
  /** Columns by environment; an environment that is absent may be either way. */
  leaves: Partial<Story['leaves']>;
  /** Whether the release follows from the columns; false after an end in the middle, which leaves the newer one. */
  isCarriedOut: boolean;
  /** For the end. */
  lesson: string[];
}

/** Ends that a person brings about, with what they show. All of them leave production's columns. */
const byPerson: Partial<Record<Outcome, string[]>> = {
  rejected: [
    'You rejected it: any rejection closes the gate at once, no matter who has approved, and its reason is in the report.',
  ],
  aborted: ['You aborted it: what was hidden is visible again, and this run can no longer drop anything.'],
  expired: ['No one decided in time: a gate that expires ends the rollout, and production is unchanged.'],
  'rolled-back': ['You rolled it back: the columns are back with their values, and the old release serves.'],
};

/** The story's own end; where a person decides (`--wait`), also what they decided instead. */
export function expectedEnd(story: Story, { wait }: { wait: boolean }, outcome: Outcome): Expected {
  const lesson = wait && outcome !== story.ends ? byPerson[outcome] : undefined;
  if (lesson === undefined) return { ...story, isCarriedOut: true };
  const leaves: Partial<Record<EnvironmentName, 'columns'>> = { production: 'columns' };
  return { ends: outcome, leaves, isCarriedOut: false, lesson };
}
