import { counted, thousands } from '../../contract/text/plain-text';
import type { FlushReceipt } from '../../contract/run/receipts';

/** What the flushes around a change of release did: a census before and after, for the line of the step. */
export function flushedNote(receipts: readonly FlushReceipt[]): string {
  const [first, last] = [receipts[0], receipts.at(-1)];
  if (first === undefined || last === undefined) return 'no cache to flush';
  const removed = receipts.reduce((sum, receipt) => sum + receipt.removed, 0);
  const others = `${thousands(first.otherKeysBefore)} other keys before, ${thousands(last.otherKeysAfter)} after`;
  return `caches flushed before and after: ${counted(removed, 'entry', 'entries')} removed, ${others}`;
}
