import { toMs } from '../text/duration';
import { usualGateGivesUp } from './change-time';
import { durationsSchema, type Durations } from './plan';

/** The runbook's values, of which a plan may write others. */
export const defaultDurations: Durations = durationsSchema.parse({});

const usual: Record<keyof Durations, string> = { ...defaultDurations, gateGivesUp: usualGateGivesUp };

/** Names of the durations that differ from the runbook's; `60 minutes` does not differ from `1 hour`. */
export const overriddenDurations = (durations: Durations): string[] =>
  (Object.keys(usual) as (keyof Durations)[]).filter(
    (name) => toMs(durations[name] ?? usual[name]) !== toMs(usual[name]),
  );

/** A wait that a run makes shorter than the runbook does. Milliseconds. */
export interface ShorterWait {
  name: (typeof waits)[number];
  ms: number;
  usualMs: number;
}

/** In which something is looked at, or people can still object. */
const waits = ['soak', 'announceAhead', 'trial', 'monitor', 'aftercareDaily'] as const;

/** @param soakMs the longer of the plan's soak and the policy's minimum */
export const shorterWaits = (durations: Durations, soakMs: number): ShorterWait[] =>
  waits
    .map((name) => ({
      name,
      ms: name === 'soak' ? soakMs : toMs(durations[name]),
      usualMs: toMs(defaultDurations[name]),
    }))
    .filter(({ ms, usualMs }) => ms < usualMs);
