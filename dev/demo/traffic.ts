import { environments, type EnvironmentName } from '../../contract/run/names';
import { thousands } from '../../contract/text/plain-text';
import type { Stack } from '../stack/stack';
import { startTraffic, type Traffic, type TrafficResult } from '../sample-platform/traffic';

/** The clients of both environments, for as long as the demo lasts. */
export interface DemoTraffic {
  /** One line for the picture. */
  line(): string;
  stop(): Promise<Record<EnvironmentName, TrafficResult>>;
}

/** Enough that a failing release is noticed at once, and little for two cores. */
const ratePerSecond = 12;

/** Probes and load test use the first two keys; the traffic has the others. */
export function startDemoTraffic({ environments: places }: Pick<Stack, 'environments'>): DemoTraffic {
  const start = (name: EnvironmentName): Traffic =>
    startTraffic({ frontUrl: places[name].platform.frontUrl, keys: places[name].data.keys.slice(2), ratePerSecond });
  const traffic = { staging: start('staging'), production: start('production') };
  return {
    line() {
      const results = environments.map((name) => traffic[name].result());
      const each = environments.map((name, index) => `${name} ${thousands(results[index]?.requests ?? 0)}`);
      return `${each.join(', ')} requests; ${trafficSummary(results)}`;
    },
    async stop() {
      const [staging, production] = await Promise.all([traffic.staging.stop(), traffic.production.stop()]);
      return { staging, production };
    },
  };
}

/** `0 failed, 12 turned away in maintenance`. */
export function trafficSummary(results: readonly TrafficResult[]): string {
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  const away = results.reduce((sum, result) => sum + result.failedDuringMaintenance, 0);
  return `${thousands(failed)} failed, ${thousands(away)} turned away in maintenance`;
}
