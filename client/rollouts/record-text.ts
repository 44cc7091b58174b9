import { readableInstant } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';
import type { RunRecord } from './run-record';

/** What Temporal's own record says of a run, for a terminal, and why there is no more. */
export function recordText(record: RunRecord, silent: string): string {
  const { workflowId, type, status, plan, target, phase, waitingFor, why, startedAt, endedAt, result, failure } =
    record;
  const text = (value: string): string => oneLine(value, 1_000);
  const lines = [
    `${oneLine(workflowId, 1_000)}: ${type}, ${status}`,
    `  (from Temporal's own record, which may be old: ${silent})`,
    ...(plan === undefined ? [] : [`  plan ${text(plan)}${target === undefined ? '' : `, target ${text(target)}`}`]),
    ...(phase === undefined
      ? []
      : [`  phase ${text(phase)}${waitingFor === undefined ? '' : `, waits for ${text(waitingFor)}`}`]),
    ...(why === undefined || result !== undefined ? [] : [`  ${text(why)}`]),
    `  started ${readableInstant(startedAt)}${endedAt === undefined ? '' : `, ended ${readableInstant(endedAt)}`}`,
    ...(result === undefined ? [] : [`  ${text(String(result.outcome))}: ${text(String(result.because))}`]),
    ...(result?.report === undefined ? [] : [`  report: ${text(String(result.report))}`]),
    ...(failure === undefined ? [] : [failure]),
  ];
  return `${lines.join('\n')}\n`;
}
