import { readableDuration } from '../../contract/text/duration';
import type { Facts } from '../../contract/run/facts';
import { readableInstant, readableSpan } from '../../contract/text/instant';
import { escapeMarkdown } from '../../contract/text/markdown-text';
import { counted, thousands } from '../../contract/text/plain-text';
import type { Baseline, WatchSummary } from '../../contract/run/samples';
import { bullets, chapter, table } from '../markdown-table';

/** What was measured before, and what was seen while and after it was changed. */
export function measuresChapter({ baseline, soak, trial, monitor }: Facts): string {
  return chapter(
    'Measured',
    baseline === undefined ? '' : `**Before** (${readableInstant(baseline.at)})\n\n${bullets(baselineLines(baseline))}`,
    soak === undefined
      ? ''
      : `**Soak in staging:** ${readableDuration(soak.healthyMs)} of ${readableDuration(soak.neededMs)} healthy and covered, ` +
          `${counted(soak.samples, 'sample')}, ${counted(soak.restarts, 'clock restart')}.` +
          accepted(soak.accepted),
    trial === undefined ? '' : watchText('Trial in production: data hidden, not yet dropped', trial),
    monitor === undefined ? '' : watchText('Monitor in production', monitor),
  );
}

function baselineLines({ queries, requests, refusedPerHour, cacheHitShare }: Baseline): string[] {
  return [
    ...queries.map(
      ({ name, p50Ms, p95Ms, samples }) =>
        `${escapeMarkdown(name, 100)}: p50 ${ms(p50Ms)}, p95 ${ms(p95Ms)} (${counted(samples, 'real value')})`,
    ),
    ...(requests === undefined
      ? []
      : [
          `${counted(requests.count, 'request')}, ${readableInstant(requests.from)} to ${readableInstant(requests.to)}: ` +
            `p50 ${ms(requests.p50Ms)}, p95 ${ms(requests.p95Ms)}, p99 ${ms(requests.p99Ms)}, ` +
            `${percent(requests.serverErrorShare)} server errors`,
        ]),
    ...(refusedPerHour === undefined ? [] : [`refused calls: ${Math.round(refusedPerHour * 10) / 10} an hour`]),
    ...(cacheHitShare === undefined ? [] : [`cache hits: ${percent(cacheHitShare)}`]),
  ];
}

function watchText(what: string, { from, to, samples, green, red, missing, requests, worst }: WatchSummary): string {
  const head =
    `**${what}:** ${readableSpan(from, to)} from ${readableInstant(from)}: ${counted(samples, 'sample')} ` +
    `(${green} green, ${red} red, ${missing} without data), ${counted(requests, 'request')} seen.`;
  const rows = Object.entries(worst).map(([rule, value]) => [escapeMarkdown(rule, 100), rounded(value)]);
  return [head, table(['rule', 'worst value'], rows)].filter((part) => part !== '').join('\n\n');
}

const accepted = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n\nAccepted as unrelated:\n\n${bullets(lines.map((line) => escapeMarkdown(line)))}`;

const ms = (value: number): string => `${rounded(value)} ms`;
const percent = (share: number): string => `${rounded(share * 100)} %`;
const rounded = (value: number): string =>
  Math.abs(value) >= 1_000 ? thousands(Math.round(value)) : String(Number(value.toPrecision(3)));
