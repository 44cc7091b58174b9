import { traits } from '../../contract/plan/kinds';
import type { ChangeKind } from '../../contract/run/change';
import type { LostValue, RollbackCase } from '../../contract/run/rollback-case';
import { readableInstant } from '../../contract/text/instant';
import { counted } from '../../contract/text/plain-text';

/** What a rollback loses and gives back, in the same words for approvers, for the report and for endings. */

type Loss = RollbackCase['loss'];

export const isWithoutLoss = ({ rows }: Pick<Loss, 'rows'>): boolean => rows === 0;

/**
 * `412 rows`; of columns that are found by their row `412 values`, since a row may lose several; by what replaced them
 * `412 rows (20 distinct values)`.
 */
export const rowsOf = (
  { rows, values: owners }: { rows: number; values: number },
  { savedBy, kind }: ChangeKind,
): string => {
  if (savedBy === 'replacement') return `${counted(rows, 'row')} (${counted(owners, 'distinct value')})`;
  return counted(rows, traits[kind].savedUnit);
};

/** How much a final copy holds. */
export const amountOf = (pairs: number, { savedBy, kind }: ChangeKind): string =>
  savedBy === 'replacement' ? counted(pairs, 'distinct value') : counted(pairs, traits[kind].savedUnit);

/** How many rows come back, as a clause. */
export const backLine = (restorable: RollbackCase['restorable'], change: ChangeKind): string =>
  change.savedBy === 'replacement'
    ? `${rowsOf(restorable, change)} get their value back`
    : `${rowsOf(restorable, change)} are restored as they were`;

/** One sentence: how much is lost, and what becomes of it. */
export const lossLine = (loss: Loss, change: ChangeKind, backup?: RollbackCase['backup']): string =>
  becomes[loss.becomes](loss, change, backup);

const becomes: Record<LostValue, (loss: Loss, change: ChangeKind, backup: RollbackCase['backup']) => string> = {
  placeholder: (loss, change) =>
    `${rowsOf(loss, change)} written since ${readableInstant(loss.since)}, whose value is in neither copy nor backup. Each gets ` +
    'an unusable placeholder, so it stays inaccessible',
  'new key': (loss, change) =>
    `all ${rowsOf(loss, change)}: there is neither final copy nor backup. Each value is replaced by a new key, and every ` +
    'client has to change its key',
  empty: (loss, change) =>
    `${rowsOf(loss, change)}: the saved value no longer fits its replacement, and none can be derived from it. Each stays empty`,
  'as in the backup': (loss, change, backup) =>
    `up to ${rowsOf(loss, change)}: each is restored as it was in the backup` +
    `${backup === undefined ? '' : ` of ${readableInstant(backup.takenAt)}`}. What was written after the backup is lost; ` +
    'which rows that affects cannot be told',
};
