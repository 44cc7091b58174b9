import { toMs } from '../text/duration';
import type { Plan } from './plan';

/** How long production is at work from the new release to the drop, at the most that the plan allows. */
export const changeNeedsMs = ({ durations }: Pick<Plan, 'durations'>): number =>
  toMs(durations.maintenance) + toMs(durations.trial) + toMs(durations.lockGivesUp);

/** The same, and how long it is watched afterwards: what a window has to have room for. */
export const windowNeedsMs = (plan: Pick<Plan, 'durations'>): number =>
  changeNeedsMs(plan) + toMs(plan.durations.monitor);

/** No default of the schema: digests of plans that don't name it stay as they were. */
export const usualGateGivesUp = '7 days';

/** How long approval of production is requested again. */
export const approvalGivesUpMs = ({ durations }: Pick<Plan, 'durations'>): number =>
  toMs(durations.gateGivesUp ?? usualGateGivesUp);
