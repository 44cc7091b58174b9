import type { LogEnd } from '../../adapters/log/end';
import { safeMessage } from '../../adapters/programs/secret-text';
import { readableDuration } from '../../contract/text/duration';
import { finding, type Finding } from '../../contract/run/findings';
import { counted, readableSize } from '../../contract/text/plain-text';
import { logOf } from '../evidence/application-log';
import type { Session } from '../environment/session';

/** As long as a window of the soak may be silent. */
const silenceMs = 600_000;
const aheadMs = 60_000;

/**
 * Whether the log can be evidence: there, read by this user, in a format that is understood, and written to. Guards against
 * a soak that sees nothing because it looks into the wrong file. Reads only, the last MiB.
 */
export async function tryLog({ environment, signal }: Omit<Session, 'client'>): Promise<Finding[]> {
  const source = logOf(environment.application);
  if (source === undefined) return [notCovered];
  const { name } = source;
  const expected = 'a file that this user may read';
  const remedy = 'correct "log" of the application, or let the user of the worker read it';
  try {
    const end = await source.readEnd(signal);
    if (end === 'none') return [finding('file', false, { expected, found: `none at ${name}`, remedy })];
    const found = `${name}, ${readableSize(end.sizeBytes)}`;
    return [finding('file', true, { expected, found, remedy }), format(end), lastEntry(end, Date.now())];
  } catch (error) {
    signal.throwIfAborted();
    return [finding('file', false, { expected, found: `${name}: ${safeMessage(error)}`, remedy })];
  }
}

const notCovered: Finding = {
  check: 'file',
  status: 'not covered',
  expected: 'the log of the application',
  found: 'none in the settings',
  remedy: 'name it as "log": without it nothing can be watched, and no soak passes',
};

function format({ lines, understood }: LogEnd): Finding {
  return finding('format', lines === 0 ? 'unknown' : understood > 0, {
    expected: 'JSON objects, one a line, with "timestamp" and "event"',
    found: lines === 0 ? 'no whole line' : `${understood} of the last ${counted(lines, 'line')}`,
    remedy:
      lines === 0
        ? 'let the application write a line, then try again'
        : 'have the application log so, or name another file: plain lines tell nothing here',
  });
}

function lastEntry({ lastMs }: LogEnd, nowMs: number): Finding {
  const expected = `one within ${readableDuration(silenceMs)}`;
  if (lastMs === undefined)
    return finding('last entry', 'unknown', { expected, found: 'no line that says when', remedy: 'see format' });
  const ageMs = nowMs - lastMs;
  if (ageMs < -aheadMs) {
    const remedy = 'set the clocks of both machines, or have the application write the zone with its timestamps';
    return finding('last entry', false, { expected, found: `${readableDuration(-ageMs)} in the future`, remedy });
  }
  return finding('last entry', ageMs <= silenceMs ? true : 'unknown', {
    expected,
    found: `${readableDuration(Math.max(0, ageMs))} ago`,
    remedy: 'look whether the application still writes into this file; without traffic let it log a beat',
  });
}
