import { openTrafficCalls } from './traffic-calls';
import { send, type Fault, type Sent } from './traffic-request';

/** Requests that may wait at once: an application that hangs gets no heap of requests, it gets `skipped` ones. */
const IN_FLIGHT_LIMIT = 100;
const FIRST_FAILURES = 10;

export interface TrafficSettings {
  /** Where the application answers. */
  frontUrl: string;
  /** Keys of owners of rows, two at least with `strangers`. Nobody else should create rows with them meanwhile. */
  keys: readonly string[];
  /** Default 20. */
  ratePerSecond?: number;
  /**
   * Adds owners who try to read each other's rows. Default false: every such refusal is an `ownership_check_failed`
   * and an error in the application's log, which must be silent while a rollout watches it.
   */
  strangers?: boolean;
}

/** A request that went wrong; never with a key. */
export interface TrafficFailure extends Fault {
  at: string;
  duringMaintenance: boolean;
}

export interface TrafficResult {
  requests: number;
  /** Wrong outcomes outside maintenance: status, content, or no answer at all. */
  failed: number;
  /** Answers of the front that said `X-Maintenance: on`. */
  failedDuringMaintenance: number;
  /** Not sent, because 100 others were waiting. */
  skipped: number;
  slowestMs: number;
  /** The first ten failures outside maintenance. */
  firstFailures: TrafficFailure[];
}

export interface Traffic {
  result(): TrafficResult;
  /** Sends nothing more, waits for the answers, and tells how it went. */
  stop(): Promise<TrafficResult>;
}

/**
 * Clients who create, list and read, and who look at what they get: their own rows with the right content, 401 for a
 * wrong key, public rows for those without one. A status 200 alone would not notice an application that broke quietly.
 */
export function startTraffic({ frontUrl, keys, ratePerSecond = 20, strangers = false }: TrafficSettings): Traffic {
  const calls = openTrafficCalls(keys, strangers);
  const result: TrafficResult = {
    requests: 0,
    failed: 0,
    failedDuringMaintenance: 0,
    skipped: 0,
    slowestMs: 0,
    firstFailures: [],
  };
  const inFlight = new Set<Promise<void>>();

  async function one(): Promise<void> {
    const call = calls.next();
    const at = new Date().toISOString();
    const sent = await send(frontUrl, call);
    count(result, at, sent);
  }

  const timer = setInterval(() => {
    if (inFlight.size >= IN_FLIGHT_LIMIT) {
      result.skipped += 1;
      return;
    }
    const mine = one().finally(() => inFlight.delete(mine));
    inFlight.add(mine);
  }, 1_000 / ratePerSecond);

  const snapshot = () => ({ ...result, firstFailures: [...result.firstFailures] });
  return {
    result: snapshot,
    async stop() {
      clearInterval(timer);
      await Promise.all(inFlight);
      return snapshot();
    },
  };
}

function count(result: TrafficResult, at: string, { fault, duringMaintenance, tookMs }: Sent): void {
  result.requests += 1;
  result.slowestMs = Math.max(result.slowestMs, Math.round(tookMs));
  if (!fault) return;
  if (duringMaintenance) {
    result.failedDuringMaintenance += 1;
    return;
  }
  result.failed += 1;
  if (result.firstFailures.length < FIRST_FAILURES) result.firstFailures.push({ at, duringMaintenance, ...fault });
}
