import { toMs } from '../text/duration';
import { durationsSchema, type Durations } from './plan';

/** The runbook's values, of which a plan may write others. */
export const defaultDurations: Durations = durationsSchema.parse({});

/** Names of the durations that differ from the runbook's; `60 minutes` does not differ from `1 hour`. */
export const overriddenDurations = (durations: Durations): string[] =>
  (Object.keys(defaultDurations) as (keyof Durations)[]).filter(
    (name) => toMs(durations[name]) !== toMs(defaultDurations[name]),
  );
