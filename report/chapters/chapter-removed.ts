import type { ChangeKind } from '../../contract/run/change';
import type { Facts } from '../../contract/run/facts';
import { findingLine, obstacles } from '../../contract/run/findings';
import { readableInstant } from '../../contract/text/instant';
import { codeBlock, codeSpan, escapeMarkdown } from '../../contract/text/markdown-text';
import { shownPart } from '../../contract/text/object-name';
import { counted, droppedOf, thousands } from '../../contract/text/plain-text';
import type { RollbackCase } from '../../contract/run/rollback-case';
import type { RowClasses } from '../../contract/run/observed-state';
import { isWithoutLoss, lossLine, rowsOf } from '../run/loss';
import { bullets, chapter, table } from '../markdown-table';

/** What is gone, by which statements, and what its rows were before. */
export function removedChapter(facts: Facts): string {
  const { plan, pastTheDrop, environments, kind } = facts;
  if (kind === 'rollback') return '';
  const names = (plan?.removes ?? []).map((name) => codeSpan(name, 200)).join(', ');
  const { drop, rows = [] } = environments.production;
  const staged = environments.staging.drop === undefined ? '' : ' They are gone from staging.';
  const head = !pastTheDrop
    ? `Nothing was removed from production.${names === '' ? '' : ` The plan would remove ${names}.`}${staged}`
    : drop === undefined
      ? `Production no longer has ${names}; the receipt of the drop is missing.`
      : `Production no longer has ${names}: dropped at ${readableInstant(drop.droppedAt)} ` +
        `in ${counted(drop.attempts, 'attempt')}; locks were held for ${drop.heldMs} ms.${drop.rows === undefined ? '' : ` Compared in that transaction, by count and fingerprint: ${droppedOf(drop.rows)}.`}`;
  return chapter(
    'What was removed',
    head,
    drop === undefined ? '' : codeBlock(drop.statements.map((statement) => `${statement};`).join('\n'), 'sql'),
    rows.length === 0 ? '' : `Rows of production, as preflight counted them:\n\n${classes(rows)}`,
  );
}

const classes = (rows: readonly RowClasses[]): string => {
  const byRow = rows.filter((row) => row.byRow === true);
  const compared = rows.filter((row) => row.byRow !== true);
  return [
    compared.length === 0 ? '' : comparedTable(compared),
    byRow.length === 0
      ? ''
      : table(
          ['what', 'rows', 'of these kept'],
          byRow.map((row) => [codeSpan(nameOf(row), 200), ...[row.total, row.match].map(thousands)]),
        ),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
};

const nameOf = ({ table: of, column }: RowClasses): string =>
  column === undefined ? of : `${of}.${shownPart(column)}`;

const comparedTable = (rows: readonly RowClasses[]): string =>
  table(
    ['column', 'rows', 'proof holds', 'mismatch', 'value without replacement', 'replacement without value', 'public'],
    rows.map((row) => [
      codeSpan(nameOf(row), 200),
      ...[row.total, row.match, row.mismatch, row.valueWithoutReplacement, row.replacementWithoutValue, row.public].map(
        thousands,
      ),
    ]),
  );

/** What a rollback found, gave back, and could not give back. */
export function rollbackChapter(facts: Facts): string {
  const { rollback, kind, plan } = facts;
  if (kind !== 'rollback' || rollback === undefined) return '';
  const { rollout, observed, restorable, backup, findings } = rollback;
  const change = plan ?? { kind: 'column', savedBy: 'replacement' };
  return chapter(
    'Rollback',
    bullets([
      `Rolls back ${codeSpan(rollout.workflowId, 1_000)}, plan digest ${codeSpan(rollout.planDigest)}`,
      `Found: data ${observed.data}, state row ${observed.row}, release ${escapeMarkdown(observed.release ?? 'unknown', 100)}`,
      backup === undefined
        ? 'No usable backup was found'
        : `From backup ${codeSpan(backup.id)}, taken at ${readableInstant(backup.takenAt)}`,
      `Restorable: ${rowsOf(restorable, change)}`,
      lossText(rollback, change),
      ...obstacles(findings).map((finding) => `⚠ ${escapeMarkdown(findingLine(finding))}`),
    ]),
  );
}

function lossText({ loss, backup }: RollbackCase, change: ChangeKind): string {
  return isWithoutLoss(loss) ? 'Loss: none' : `**Loss:** ${escapeMarkdown(lossLine(loss, change, backup))}`;
}
