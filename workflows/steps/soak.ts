import { ActivityFailure } from '@temporalio/common';
import { readableDuration, toMs } from '../../contract/text/duration';
import type { SoakState } from '../../contract/run/facts';
import { assess } from '../../contract/run/samples';
import type { Sample, SamplePosition } from '../../contract/run/samples';
import type { Loaded } from '../../contract/activities/loaded';
import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { sampleFindings } from '../evidence/sample-findings';
import { soakRestartsLine } from '../../report/run/announcements';
import { soakText } from '../../report/run/soak-text';
import { waitingForSoak } from '../../report/run/waiting';
import { soakClock } from '../journal/soak-clock';
import { failureLine } from '../journal/stop';

/** Slack hears of the soak every so many samples; Temporal UI always has the newest figures. */
const newsEvery = 16;

/** How a soak stands, and up to where staging was seen. */
export interface Soaked {
  clock: SoakState;
  position: SamplePosition;
}

/**
 * Watches staging until it was healthy, and seen to be, for the whole time. A timer alone proves nothing.
 *
 * @param from a soak that goes on: all since then is looked at. Healthy: it has been long enough, and no time is waited for; critical: it starts again
 */
export async function soak(journal: Journal, loaded: Loaded, from?: Soaked): Promise<Soaked> {
  journal.enter('soak');
  return journal.step({ name: 'soak', of: 'staging' }, () => untilSoaked(journal, loaded, from), {
    note: ({ clock }) => soakText(clock),
  });
}

async function untilSoaked(journal: Journal, loaded: Loaded, from?: Soaked): Promise<Soaked> {
  const { plan, soakMs } = loaded;
  let { clock, position } = from === undefined ? await begun(loaded) : await goneOn(journal, loaded, from);
  while (clock.healthyMs < soakMs) {
    journal.facts.soak = clock;
    if (clock.samples % newsEvery === 0) journal.waitFor(waitingForSoak(clock, until(clock)));
    await journal.safePoint();
    const rest = Math.min(toMs(plan.durations.soakEvery), soakMs - clock.healthyMs);
    const elapsedMs = await journal.rest(
      rest,
      `soak: ${readableDuration(clock.healthyMs)} of ${readableDuration(soakMs)}`,
    );
    const sample = await look(journal, loaded, position);
    position = sample.next;
    clock = await count(journal, loaded, { clock, sample, elapsedMs });
  }
  journal.facts.soak = clock;
  journal.waitFor(undefined);
  return { clock, position };
}

async function begun(loaded: Loaded): Promise<Soaked> {
  const { next: position } = await take(loaded);
  return { position, clock: { healthyMs: 0, neededMs: loaded.soakMs, samples: 0, restarts: 0, accepted: [] } };
}

/** Waiting for people is no healthy time, and no reason to begin again. */
async function goneOn(journal: Journal, loaded: Loaded, { clock, position }: Soaked): Promise<Soaked> {
  const sample = await look(journal, loaded, position);
  return { position: sample.next, clock: await count(journal, loaded, { clock, sample, elapsedMs: 0 }) };
}

interface SoakLook {
  /** As it stood before. */
  clock: SoakState;
  sample: Sample;
  /** Since the look before. */
  elapsedMs: number;
}

/** Critical starts again by itself; red and missing ask. An accepted red counts as healthy time, and is remembered. */
async function count(journal: Journal, loaded: Loaded, { clock, sample, elapsedMs }: SoakLook): Promise<SoakState> {
  const { verdict, because } = assess(sample);
  const counted = soakClock(clock, { verdict, elapsedMs, at: sample.at });
  if (verdict === 'critical') restarted(journal, because);
  if (verdict === 'green' || verdict === 'critical') return counted;
  let seen: Sample | undefined = sample;
  const settled = await journal.step(
    { name: 'soakSample', of: 'staging' },
    () => {
      const first = seen;
      seen = undefined;
      return first === undefined ? look(journal, loaded, sample.next) : Promise.resolve(first);
    },
    { judge: sampleFindings, acceptable: verdict === 'red' },
  );
  if (assess(settled).verdict !== 'red') return counted;
  return { ...counted, healthyMs: counted.healthyMs + elapsedMs, accepted: [...counted.accepted, ...because] };
}

function restarted(journal: Journal, because: string[]): void {
  journal.tell('soak.restarted', soakRestartsLine(because), { because });
}

/** A look that fails is a blind sample: it counts as nothing, and its time is looked at again by the next one. */
export async function look(journal: Journal, loaded: Loaded, position: SamplePosition): Promise<Sample> {
  try {
    return await journal.patiently('soak', () => take(loaded, position));
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const at = new Date().toISOString();
    return { at, requests: 0, readings: [], blind: [failureLine(error)], broken: [], next: position };
  }
}

const take = ({ planDigest, target }: Loaded, position?: SamplePosition): Promise<Sample> =>
  environment('staging').takeSample({ target, planDigest, ...(position && { position }) });

/** If it stays healthy. */
const until = ({ neededMs, healthyMs }: SoakState): string => new Date(Date.now() + neededMs - healthyMs).toISOString();
