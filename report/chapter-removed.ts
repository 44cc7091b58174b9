import type { Facts } from '../contract/facts';
import { findingLine, obstacles } from '../contract/findings';
import { readableInstant } from '../contract/instant';
import { codeBlock, codeSpan, escapeMarkdown } from '../contract/markdown-text';
import { counted, thousands } from '../contract/plain-text';
import type { RollbackCase, RowClasses } from '../contract/world';
import { bullets, chapter, table } from './markdown-table';

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
      ? `${names} went out of production; the receipt of the drop is missing.`
      : `${names} went out of production at ${readableInstant(drop.droppedAt)}, ` +
        `in ${counted(drop.attempts, 'attempt')}; locks were held for ${drop.heldMs} ms.`;
  return chapter(
    'What was removed',
    head,
    drop === undefined ? '' : codeBlock(drop.statements.map((statement) => `${statement};`).join('\n'), 'sql'),
    rows.length === 0 ? '' : `Rows of production, as preflight counted them:\n\n${classes(rows)}`,
  );
}

const classes = (rows: readonly RowClasses[]): string =>
  table(
    ['column', 'rows', 'proof holds', 'mismatch', 'key without hash', 'hash without key', 'public'],
    rows.map((row) => [
      codeSpan(`${row.table}.${row.column}`, 200),
      ...[row.total, row.match, row.mismatch, row.keyWithoutHash, row.hashWithoutKey, row.public].map(thousands),
    ]),
  );

/** What a rollback found, gave back, and could not give back. */
export function rollbackChapter({ rollback, kind }: Facts): string {
  if (kind !== 'rollback' || rollback === undefined) return '';
  const { rollout, world, restorable, loss, backup, findings } = rollback;
  return chapter(
    'Rollback',
    bullets([
      `Takes back ${codeSpan(rollout.workflowId, 1_000)}, plan digest ${codeSpan(rollout.planDigest)}`,
      `Found: data ${world.data}, state row ${world.row}, release ${escapeMarkdown(world.release ?? 'unknown', 100)}`,
      backup === undefined
        ? 'No usable backup was found'
        : `From backup ${codeSpan(backup.id)}, taken at ${readableInstant(backup.takenAt)}`,
      `Restorable: ${counted(restorable.rows, 'row')} of ${counted(restorable.owners, 'owner')}`,
      lossText(loss),
      ...obstacles(findings).map((finding) => `⚠ ${escapeMarkdown(findingLine(finding))}`),
    ]),
  );
}

const lossText = ({ rows, owners, since }: RollbackCase['loss']): string =>
  rows === 0
    ? 'Loss: none'
    : `**Loss:** ${counted(rows, 'row')} of ${counted(owners, 'owner')}, written since ${readableInstant(since)}: their ` +
      'keys are in no backup. They got a value that nobody has, so that they are closed instead of open to everybody';

/** A drop takes a column out of the catalogue. The values are elsewhere, and somebody has to know it. */
export function remainsChapter({ pastTheDrop, kind, environments }: Facts): string {
  if (!pastTheDrop || kind === 'rollback') return '';
  const { backup } = environments.production;
  return chapter(
    'Where the removed values still are',
    'A drop changes the catalogue only. Until somebody does something about it, the values can still be read:',
    bullets([
      "in the tables' heap pages, until they are rewritten (`VACUUM FULL`, `pg_repack`), and on every standby",
      'in the write-ahead log and its archive, as long as these are kept',
      backup === undefined
        ? 'in backups'
        : `in the backup of this rollout (${codeSpan(backup.id)}), which is the way back: destroy it when the way back is no longer wanted`,
      'in older backups, snapshots of disks and restored copies, which this rollout does not know',
      'in names and values of other Redis keys, where findings above counted some; they are primary data and were left alone',
      "in logs that the old release wrote, and in its clients' own configuration",
    ]),
  );
}
