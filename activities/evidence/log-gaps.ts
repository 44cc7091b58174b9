import type { LogCoverage, LogGap, LogGapReason } from '../../adapters/log/coverage';

const sentences: Record<LogGapReason, string> = {
  missing: 'there is no such file',
  unreadable: 'the file may not be read',
  empty: 'the file is empty',
  'no-instants': 'no line says when it was written',
  'starts-late': 'the log does not reach back so far',
  rotated: 'the file was rotated and the old one is gone',
  truncated: 'the file was truncated',
  replaced: 'the file was replaced',
  silent: 'no line for longer than an application under traffic is silent',
  'clock-ahead': 'lines are from the future',
  cut: 'there is more than can be read',
  'overlong-lines': 'some lines are too long to be read',
};

/** Why a log does not cover its time, one sentence each, for people; empty = it does. */
export const gapSentences = ({ gaps }: LogCoverage): string[] => gaps.map((gap) => `log: ${sentence(gap)}`);

function sentence({ reason, from, to }: LogGap): string {
  const when = [from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(' ');
  return when === '' ? sentences[reason] : `${sentences[reason]} (${when})`;
}
