import type { Facts, StepRecord } from '../run/facts';
import type { Question, Waiting } from '../run/waiting';

/** What the one message of a run shows: sent again with each change, so it carries nothing else. */
export interface ShownStatus extends Pick<
  Facts,
  'kind' | 'run' | 'requesters' | 'phase' | 'held' | 'outcome' | 'because' | 'report' | 'link' | 'warnings'
> {
  /** Name of the plan and reason, as ordered. */
  order: Pick<Facts['order'], 'plan' | 'reason'>;
  plan?: Pick<NonNullable<Facts['plan']>, 'name' | 'does' | 'digest'>;
  waiting?: Pick<Waiting, 'sentence' | 'who' | 'until' | 'then'>;
  question?: Pick<Question, 'step' | 'because' | 'state' | 'loss' | 'recommended' | 'ifNobodyAnswers'>;
  steps: ShownStep[];
}

export type ShownStep = Pick<StepRecord, 'name' | 'state' | 'startedAt' | 'endedAt' | 'note'>;
