import { readableDuration } from '../contract/duration';
import type { EnvironmentFacts, Facts } from '../contract/facts';
import { readableInstant } from '../contract/instant';
import { codeSpan, escapeMarkdown } from '../contract/markdown-text';
import { environments } from '../contract/names';
import { counted, readableSize } from '../contract/plain-text';
import { chapter, table } from './markdown-table';

/** A backup counts for what was restored from it and compared, not for its size. */
export function backupChapter(facts: Facts): string {
  const rows = environments.flatMap((name) => {
    const { backup, proof } = facts.environments[name];
    if (backup === undefined) return [];
    return [
      [
        name,
        codeSpan(backup.id),
        `${readableSize(backup.sizeBytes)}, ${counted(backup.tables, 'table')}, ${counted(backup.rowCount, 'row')}`,
        `${readableInstant(backup.takenAt)}, took ${readableDuration(backup.tookMs)}`,
        proofText(proof, backup.sha256),
        codeSpan(backup.sha256),
      ],
    ];
  });
  return chapter(
    'Backup and proof',
    table(['', 'backup', 'holds', 'taken', 'proof', 'sha256'], rows),
    identities(facts),
  );
}

function proofText(proof: EnvironmentFacts['proof'], sha256: string): string {
  if (proof === undefined) return '⚠ not proven';
  if (proof.sha256 !== sha256) return '⚠ the proof is of other bytes than this backup';
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
