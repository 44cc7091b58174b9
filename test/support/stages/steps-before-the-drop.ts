import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Facts } from '../../../contract/run/facts';
import { historiesFolder } from '../workflows/histories';

/** Every step that a rollout does until the drop of production, in order: those of the recorded run that ended as done. */
export function stepsBeforeTheDrop(): string[] {
  const names = recordedFacts().steps.map(({ name }) => name);
  const drop = names.indexOf('production: drop');
  if (drop < 0)
    throw new Error(`expected a step "production: drop" in the recorded history, found ${names.join(', ')}`);
  return names.slice(0, drop);
}

/** The last one that can be taken back: the next is the drop. */
export const lastReversibleStep = (): string => stepsBeforeTheDrop().at(-1) ?? '';

/**
 * What serves in production after an end in this step: the new release stays once it has served people; see
 * docs/decisions/11-old-release-in-maintenance.md.
 */
export function releaseAfter(step: string): 'phase2' | 'phase3' {
  const steps = stepsBeforeTheDrop();
  return steps.indexOf(step) > steps.indexOf('production: new release') ? 'phase3' : 'phase2';
}

/** What the run gave to its report. */
function recordedFacts(): Facts {
  const history = JSON.parse(gunzipSync(readFileSync(join(historiesFolder, 'done.json.gz'))).toString('utf8')) as {
    events: { activityTaskScheduledEventAttributes?: Scheduled }[];
  };
  const reports = history.events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType.name === 'writeReport' ? scheduled.input.payloads : [],
  );
  const [payload] = reports;
  if (payload === undefined) throw new Error('expected a report in the recorded history, found none; record it again');
  return (JSON.parse(Buffer.from(payload.data, 'base64').toString('utf8')) as { facts: Facts }).facts;
}

interface Scheduled {
  activityType: { name: string };
  input: { payloads: { data: string }[] };
}
