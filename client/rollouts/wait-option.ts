import { InvalidArgumentError, type Command } from 'commander';
import { durationSchema, toMs } from '../../contract/text/duration';

/** `--wait` = without limit. */
export type Wait = true | number;

/** Waiting for the end of what a word has started. */
export const withWait = (command: Command): Command =>
  command.option('--wait [limit]', 'waits for the end, or for as long as e.g. "30 minutes"', limitMs);

/** Infinity: `--wait` without a limit. Undefined: does not wait. */
export const waitMsOf = (wait: Wait | undefined): number | undefined => (wait === true ? Infinity : wait);

function limitMs(text: string): number {
  const parsed = durationSchema.safeParse(text);
  if (parsed.success) return toMs(parsed.data);
  throw new InvalidArgumentError('Expected a duration such as "30 minutes" or "24 h".');
}
