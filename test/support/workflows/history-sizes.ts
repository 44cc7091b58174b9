import { temporal } from '@temporalio/proto';
import type { Plan } from '../../../contract/plan/plan';
import type { Recorded } from './histories';

/** What the calls of one activity take of a history, in bytes of their payloads. */
export interface ActivitySize {
  name: string;
  calls: number;
  inputBytes: number;
  resultBytes: number;
}

/** As Temporal keeps it. */
export interface HistorySizes {
  events: number;
  bytes: number;
  /** The largest first. */
  activities: ActivitySize[];
}

type Payloads = { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined;

export function historySizes({ history }: Pick<Recorded, 'history'>): HistorySizes {
  const byName = new Map<string, ActivitySize>();
  const calls = new Map<string, ActivitySize>();
  for (const { eventId, ...event } of history.events ?? []) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskCompletedEventAttributes: done } = event;
    if (scheduled) {
      const name = scheduled.activityType?.name ?? '';
      const size = byName.get(name) ?? { name, calls: 0, inputBytes: 0, resultBytes: 0 };
      size.calls += 1;
      size.inputBytes += bytesOf(scheduled.input);
      byName.set(name, size);
      calls.set(String(eventId), size);
    }
    const call = done && calls.get(String(done.scheduledEventId));
    if (call) call.resultBytes += bytesOf(done.result);
  }
  return {
    events: history.events?.length ?? 0,
    bytes: temporal.api.history.v1.History.encode(history).finish().length,
    activities: [...byName.values()].sort((a, b) => sum(b) - sum(a)),
  };
}

/** Calls whose input or answer holds a section that only a plan has, by the name of the activity. */
export function callsHoldingPlan(
  recorded: Pick<Recorded, 'history'>,
  plan: Plan,
): { inputs: string[]; answers: string[] } {
  const { removes, queries, probes, watch, cache, loadTest, log, proof } = plan;
  const sections = [removes, queries, probes, watch, cache, loadTest, log, proof].filter((each) => each !== undefined);
  const texts = sections.map((section) => JSON.stringify(section));
  const isHeld = (text: string): boolean => texts.some((section) => text.includes(section));
  const calls = callsOf(recorded);
  return {
    inputs: calls.filter(({ input }) => isHeld(input)).map(({ name }) => name),
    answers: calls.filter(({ answer }) => isHeld(answer)).map(({ name }) => name),
  };
}

/** What each call of an activity was given and has answered, as text. */
export function callsOf({ history }: Pick<Recorded, 'history'>): { name: string; input: string; answer: string }[] {
  const calls = new Map<string, { name: string; input: string; answer: string }>();
  for (const { eventId, ...event } of history.events ?? []) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskCompletedEventAttributes: done } = event;
    if (scheduled)
      calls.set(String(eventId), {
        name: scheduled.activityType?.name ?? '',
        input: textOf(scheduled.input),
        answer: '',
      });
    const call = done && calls.get(String(done.scheduledEventId));
    if (call) call.answer = textOf(done.result);
  }
  return [...calls.values()];
}

const sum = ({ inputBytes, resultBytes }: ActivitySize): number => inputBytes + resultBytes;

const bytesOf = (of: Payloads): number =>
  (of?.payloads ?? []).reduce((bytes, { data }) => bytes + (data?.length ?? 0), 0);

const textOf = (of: Payloads): string =>
  (of?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString('utf8')).join('\n');
