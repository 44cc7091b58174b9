import { readableDuration } from '../../contract/text/duration';
import type { EnvironmentFacts, Facts } from '../../contract/run/facts';
import { readableInstant } from '../../contract/text/instant';
import { codeSpan, escapeMarkdown } from '../../contract/text/markdown-text';
import { environments } from '../../contract/run/names';
import { counted, readableSize } from '../../contract/text/plain-text';
import type { BackupReceipt, CopyReceipt } from '../../contract/run/receipts';
import { kindWords } from '../kinds';
import { chapter, table } from '../markdown-table';

/** A backup counts for what was restored from it and compared, not for its size. */
export function backupChapter(facts: Facts): string {
  const rows = environments.flatMap((name) => {
    const { backup, proof, copy } = facts.environments[name];
    return [
      ...(backup === undefined ? [] : [backupRow(name, backup, proof)]),
      ...(copy ? [copyRow(facts, name, copy)] : []),
    ];
  });
  return chapter(
    'Backup and proof',
    table(['', 'backup', 'holds', 'taken', 'proof', 'sha256'], rows),
    rows.length === 0 || facts.destroyAt === undefined
      ? ''
      : `Kept until **${readableInstant(facts.destroyAt)}**; then aftercare destroys all of it, the identity that decrypts it first.`,
    identities(facts),
  );
}

const backupRow = (name: string, backup: BackupReceipt, proof: EnvironmentFacts['proof']): string[] => [
  name,
  codeSpan(backup.id),
  `${readableSize(backup.sizeBytes)}, ${counted(backup.tables, 'table')}, ${counted(backup.rowCount, 'row')}`,
  `${readableInstant(backup.takenAt)}, took ${readableDuration(backup.tookMs)}`,
  proofText(proof, backup.sha256),
  codeSpan(backup.sha256),
];

/** After the freeze, so it is all there was. */
const copyRow = (facts: Facts, name: string, copy: CopyReceipt): string[] => [
  `${name}, final copy`,
  codeSpan(copy.id),
  `${readableSize(copy.sizeBytes)}, ${counted(copy.pairs, kindWords(facts).kept)}`,
  `${readableInstant(copy.takenAt)}, took ${readableDuration(copy.tookMs)}`,
  `✓ ${kindWords(facts).judged}`,
  codeSpan(copy.sha256),
];

function proofText(proof: EnvironmentFacts['proof'], sha256: string): string {
  if (proof === undefined) return '⚠ not proven';
  if (proof.sha256 !== sha256) return '⚠ the proof is for different bytes than this backup';
  const gone = proof.destroyed ? 'the restored copy is destroyed' : '⚠ the restored copy could not be destroyed';
  return (
    `✓ restored and compared row by row (${counted(proof.tables, 'table')}, ${counted(proof.rowCount, 'row')}) ` +
    `at ${readableInstant(proof.provenAt)}; ${gone}`
  );
}

function identities({ environments: known }: Facts): string {
  const rows = environments.flatMap((name) => {
    const { identity, release } = known[name];
    if (identity === undefined) return [];
    const { database, version, systemIdentifier, databaseOid, timeline } = identity;
    return [
      [
        name,
        escapeMarkdown(database, 100),
        escapeMarkdown(version, 40),
        codeSpan(`${systemIdentifier}/${databaseOid}/${timeline}`),
        escapeMarkdown(release ?? 'unknown', 100),
      ],
    ];
  });
  return table(['', 'database', 'PostgreSQL', 'system/database/timeline', 'release'], rows);
}
