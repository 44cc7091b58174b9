import { condition, defineSignal, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { TemporalFailure } from '@temporalio/common';
import type { ControlActivities } from '../contract/activities/control-activities';
import { taskQueues } from '../contract/run/names';
import { deliverSignal, receiverName, type Receiver, type RunEvent } from '../contract/run/run-event';
import { toMs } from '../contract/text/duration';
import { oneLine } from '../contract/text/plain-text';
import { deliveryDetails, type Told } from '../report/temporal-ui/delivery-details';
import { policies } from './journal/policies';
import { failureLine } from './journal/stop';

/** An event and those who are to be told. */
interface Dispatch {
  event: RunEvent;
  to: Receiver[];
}

/** What one receiver is still to be told, in order. */
interface Line {
  waiting: { event: RunEvent; to: Receiver }[];
  isMoving: boolean;
}

const deliver = defineSignal<[unknown]>(deliverSignal);

/** How long a receiver may be away. */
const patienceMs = toMs('3 days');
/** Longer than it can take to hand an event over once more: it is still known then. */
const idle = '2 hours';
/** Each costs three events of a history. */
const mostDeliveries = 3_000;

/**
 * Tells webhooks and people what happens to one run, each receiver in the order of events and independent of the others. A receiver
 * that is away delays and fails nobody: neither the run, which this one outlives, nor another receiver. Ends when there was nothing to
 * tell for a while; the next event starts it again.
 */
export async function delivery(): Promise<{ told: number; notTold: string[] }> {
  const seen: Told = { told: 0, waiting: {}, notTold: [] };
  const known = new Set<string>();
  const lines = new Map<string, Line>();
  let open = 0;
  let deliveries = 0;

  const take = (input: unknown): void => {
    const dispatch = readDispatch(input);
    if (dispatch === undefined || known.has(dispatch.event.id)) return;
    known.add(dispatch.event.id);
    for (const to of dispatch.to) {
      const name = receiverName(to);
      if (++deliveries > mostDeliveries) return note(seen, `${name}: too many events`);
      open += 1;
      const line = lines.get(name) ?? { waiting: [], isMoving: false };
      lines.set(name, line);
      line.waiting.push({ event: dispatch.event, to });
      if (!line.isMoving) void move(line);
    }
  };
  const move = async (line: Line): Promise<void> => {
    line.isMoving = true;
    for (let next = line.waiting.shift(); next !== undefined; next = line.waiting.shift()) {
      await tell(seen, next.event, next.to);
      open -= 1;
    }
    line.isMoving = false;
  };
  setHandler(deliver, take, { description: 'Internal: an event of the run, with those who are to be told.' });

  do {
    await condition(() => open === 0);
  } while (await condition(() => open > 0, idle, { summary: 'nothing to tell' }));
  return { told: seen.told, notTold: seen.notTold };
}

/** What is no such thing is not taken; the activity looks at the event itself. */
function readDispatch(input: unknown): Dispatch | undefined {
  const { event, to } = (input ?? {}) as Partial<Dispatch>;
  if (typeof event?.id !== 'string' || typeof event.at !== 'string' || !Array.isArray(to)) return undefined;
  const receivers = to.filter((each: unknown) => {
    const { webhook, person } = (each ?? {}) as { webhook?: unknown; person?: unknown };
    return typeof webhook === 'string' || typeof person === 'string';
  });
  return { event, to: receivers };
}

async function tell(seen: Told, event: RunEvent, to: Receiver): Promise<void> {
  const name = receiverName(to);
  const leftMs = Math.min(Date.parse(event.at) + patienceMs, Date.parse(event.until ?? '') || Infinity) - Date.now();
  if (!(leftMs > 0)) return note(seen, `${name}: ${event.type} is no news any more`);
  seen.waiting[name] = event.type;
  setCurrentDetails(deliveryDetails(seen));
  const { deliver: call } = proxyActivities<Pick<ControlActivities, 'deliver'>>({
    ...policies.tell,
    taskQueue: taskQueues.control,
    scheduleToCloseTimeout: Math.min(leftMs, patienceMs),
    retry: { initialInterval: '1 s', maximumInterval: '15 minutes' },
    summary: oneLine(`${name}: ${event.type}`, 100),
  });
  try {
    await call({ event, to });
    seen.told += 1;
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    note(seen, `${name}: ${event.type} was not told: ${failureLine(error)}`);
  } finally {
    delete seen.waiting[name];
    setCurrentDetails(deliveryDetails(seen));
  }
}

function note(seen: Told, line: string): void {
  if (seen.notTold.length < 200) seen.notTold.push(oneLine(line, 500));
  setCurrentDetails(deliveryDetails(seen));
}
