import { placeOf } from '../plan/places';
import type { Plan } from '../plan/plan';
import type { DatabaseRemoval } from '../plan/removal';
import { removalsOf } from '../plan/removals';
import { shortTableName } from '../text/object-name';
import type { RemovedPart } from './change';
import type { Finding } from './findings';
import type { RehearsedOnCopy, RollbackEvidence, StagingProof } from './gate-evidence';
import type { RowClasses } from './observed-state';
import type { CopyRehearsal, ProofReceipt } from './receipts';
import type { RollbackCase } from './rollback-case';

/**
 * What approvers are shown of a worker's answer. By the same functions a workflow says it and production's worker looks whether it is
 * what was sealed. Pure.
 */

export const onCopySeen = ({ extent, passed, rows, lacks, notCovered }: CopyRehearsal): RehearsedOnCopy => ({
  ...{ extent, passed, rows, lacks, notCovered },
});

export const backupSeen = (proof: ProofReceipt): NonNullable<StagingProof['backup']> => ({
  ...{ rows: proof.rowCount, tables: proof.tables },
  ...(proof.rehearsal && { rehearsal: onCopySeen(proof.rehearsal) }),
});

export const loadTestSeen = (findings: readonly Finding[]): NonNullable<StagingProof['loadTest']> =>
  findings.map(({ check, found, status }) => ({ check, found, status }));

/** Rows of one entry of a plan, where they were counted. */
export function rowsSeen(
  removal: Plan['removes'][number],
  rows: readonly RowClasses[],
): NonNullable<RemovedPart['rows']> | undefined {
  const [parsed] = removalsOf({ removes: [removal] });
  const count = rows.find(({ table, column }) => parsed !== undefined && isCountOf(parsed, table, column));
  return count && { total: count.total, removed: count.match };
}

/** Counts name a table without its schema where that is `public`. */
const isCountOf = (removal: DatabaseRemoval, table: string, column: string | undefined): boolean =>
  table === shortTableName(placeOf(removal)) && column === placeOf(removal).column;

export function lossSeen({
  observed,
  loss,
  restorable,
  backup,
  copy,
  newKeys,
}: RollbackCase): RollbackEvidence['found'] {
  return {
    ...{ observed, loss, restorable },
    ...(backup && { backup }),
    ...(copy && { copy }),
    ...(newKeys && { newKeys }),
  };
}
