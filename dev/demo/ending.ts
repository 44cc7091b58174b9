import { existsSync } from 'node:fs';
import { environments, type EnvironmentName } from '../../contract/run/names';
import { counted, thousands } from '../../contract/text/plain-text';
import type { Followed } from './follow';
import { lookLine, type Look } from './look';
import { fact, type Canvas } from '../../client/picture/picture';
import type { Expected } from './expected';
import { trafficSummary } from './traffic';
import type { TrafficResult } from '../sample-platform/traffic';

/** All that is known in the end. */
export interface Ending {
  followed: Followed;
  /** One line of aftercare; undefined where there was none. */
  aftercare?: string;
  looks: Record<EnvironmentName, Look>;
  traffic: Record<EnvironmentName, TrafficResult>;
}

/** What was not as it should have been left; empty = it went as it should. Pure but for a look at the report. */
export function faultsOf(expected: Expected, { followed, looks, traffic }: Ending): string[] {
  const { result } = followed;
  const faults = [
    ...(result.outcome === expected.ends ? [] : [`expected the outcome ${expected.ends}, found ${result.outcome}`]),
    ...environments.flatMap((name) => lookFaults(name, expected, looks[name])),
    ...environments.flatMap((name) => trafficFaults(name, traffic[name])),
  ];
  const { report = 'none' } = result;
  return existsSync(report) ? faults : [...faults, `expected a report, found ${report}`];
}

function lookFaults(name: EnvironmentName, { leaves, isCarriedOut }: Expected, look: Look): string[] {
  const columns = leaves[name] ?? look.columns;
  const release = !isCarriedOut ? look.release : columns === 'columns' ? 'phase2' : 'phase3';
  return [
    ...(look.columns === columns ? [] : [`expected ${name} with ${columns}, found ${look.columns}`]),
    ...(look.release === release ? [] : [`expected ${release} to serve in ${name}, found ${look.release}`]),
    ...(look.maintenance ? [`expected no maintenance in ${name}, found that it is on`] : []),
  ];
}

function trafficFaults(name: EnvironmentName, { failed, firstFailures, skipped }: TrafficResult): string[] {
  return [
    ...(failed === 0 ? [] : [`expected no failed request in ${name}, found ${failed}; the first ones:`]),
    ...firstFailures
      .slice(0, 3)
      .map(
        ({ at, method, path, expected, found }) => `    ${at} ${method} ${path}: expected ${expected}, found ${found}`,
      ),
    ...(skipped === 0
      ? []
      : [`expected every request of ${name} to be sent, ${skipped} were not: it answers too slowly`]),
  ];
}

/** The last thing that the audience reads. Its last line is the number that counts. */
export function endingText(
  lesson: readonly string[],
  ending: Ending,
  faults: readonly string[],
  canvas: Canvas,
): string {
  const { followed, aftercare, looks, traffic } = ending;
  const { result, rollbackResult } = followed;
  const { bold, green, yellow } = canvas.colors;
  const both = environments.map((name) => traffic[name]);
  const requests = both.reduce((sum, { requests: each }) => sum + each, 0);
  const failed = both.reduce((sum, { failed: each }) => sum + each, 0);
  const wide = { ...canvas, columns: 1_000 };
  const mark = faults.length === 0 ? green('✓') : yellow('⚠');
  return [
    '',
    `  ${mark} ${bold(`The rollout ended as ${result.outcome}`)}`,
    ...becauseLines(result.because),
    ...(rollbackResult ? ['', `  ${bold('The rollback')}`, ...becauseLines(rollbackResult.because)] : []),
    '',
    ...environments.map((name) => fact(name, lookLine(looks[name]), wide)),
    fact('traffic', `${thousands(requests)} requests meanwhile; ${trafficSummary(both)}`, wide),
    ...(aftercare === undefined ? [] : [fact('aftercare', aftercare, wide)]),
    fact('report', result.report ?? 'none', wide),
    ...(rollbackResult?.report === undefined ? [] : [fact('', rollbackResult.report, wide)]),
    '',
    ...lesson.map((line) => `  ${line}`),
    ...(faults.length === 0
      ? []
      : ['', `  ${yellow('It did not go as expected:')}`, ...faults.map((line) => `  ${line}`)]),
    '',
    `  ${counted(failed, 'failed request')} outside maintenance`,
  ].join('\n');
}

/** Several obstacles are joined by bars; each is a line of its own here. */
const becauseLines = (because: string): string[] => because.split(' | ').map((line) => `    ${line}`);
