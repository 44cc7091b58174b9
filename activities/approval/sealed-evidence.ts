import type { Plan } from '../../contract/plan/plan';
import type { Run } from '../../contract/run/decisions';
import type { Finding } from '../../contract/run/findings';
import type { Claim, GateEvidence, Sealed } from '../../contract/run/gate-evidence';
import type { EnvironmentName } from '../../contract/run/names';
import { nameOfRemoval } from '../../contract/plan/removals';
import type { RowClasses } from '../../contract/run/observed-state';
import type { CopyRehearsal, ProofReceipt } from '../../contract/run/receipts';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { isReceipt, type Receipt } from '../../contract/run/seal';
import { backupSeen, loadTestSeen, lossSeen, onCopySeen, rowsSeen } from '../../contract/run/seen';
import { digestOf } from '../../contract/text/digest';
import type { SealKeys } from '../environment/seal-keys';
import { isSealed } from '../seals/sealed';

/**
 * What of a gate's evidence is sealed by the role that has seen it, for this very run. Guards against a workflow that says something
 * else than what workers have answered: approvers are told which is which.
 */
export function judgeEvidence(
  keys: Pick<SealKeys, 'public'>,
  {
    run,
    plan,
    receipts = [],
  }: { run: Pick<Run, 'workflowId' | 'firstRun'>; plan: Plan; receipts?: readonly Receipt[] | undefined },
  evidence: GateEvidence,
): Sealed {
  const find = (role: EnvironmentName, step: string): Receipt | undefined =>
    receipts.find(
      (receipt) => isReceipt(receipt) && receipt.seal.role === role && isSealed(keys, role, { run, step, ...receipt }),
    );
  const found: Sealed = { sealed: [], claimed: [] };
  for (const { claim, isSo } of claimsOf(evidence, plan, find)) (isSo ? found.sealed : found.claimed).push(claim);
  return found;
}

type Find = (role: EnvironmentName, step: string) => Receipt | undefined;

interface Looked {
  claim: Claim;
  isSo: boolean;
}

function claimsOf(evidence: GateEvidence, plan: Plan, find: Find): Looked[] {
  const resultOf = (role: EnvironmentName, step: string): unknown => find(role, step)?.result;
  const rows = rowsClaim(evidence, plan, find);
  if (evidence.about === 'rollback') {
    const seen = resultOf('production', 'assessRollback') as RollbackCase | undefined;
    return [{ claim: 'loss', isSo: isSame(evidence.found, seen && lossSeen(seen)) }];
  }
  if (evidence.about !== 'rollout') return rows;
  const { copies, staging } = evidence.proof;
  const proof = resultOf('staging', 'proveBackup') as ProofReceipt | undefined;
  const load = resultOf('staging', 'loadTest') as Finding[] | undefined;
  return [
    ...rows,
    ...looked('staging copy', copies.staging, rehearsalOf(resultOf('staging', 'rehearseOnCopy'))),
    ...looked('production copy', copies.production, rehearsalOf(resultOf('production', 'rehearseOnCopy'))),
    ...looked('staging backup', staging.backup, proof && backupSeen(proof)),
    ...looked(
      'rollback rehearsal',
      placeholdersOf(staging.rollback),
      placeholdersOf(resultOf('staging', 'refillRemoved')),
    ),
    ...looked('load test', staging.loadTest, load && loadTestSeen(load)),
    ...(staging.soak === undefined ? [] : [{ claim: 'soak' as const, isSo: isWatched(find, staging.soak.samples) }]),
  ];
}

/** Production's own count, wherever rows are told. */
function rowsClaim({ change }: GateEvidence, plan: Plan, find: Find): Looked[] {
  if (change.removes.every(({ rows }) => rows === undefined)) return [];
  const counted = (find('production', 'classifyRows')?.result as { rows: RowClasses[] } | undefined)?.rows ?? [];
  const isSo = change.removes.every(({ name, rows }) => {
    const removal = plan.removes.find((one) => nameOfRemoval(one) === name);
    return isSame(rows ?? null, (removal && rowsSeen(removal, counted)) ?? null);
  });
  return [{ claim: 'rows', isSo }];
}

/** As many samples as are told were taken. */
const isWatched = (find: Find, samples: number): boolean =>
  (find('staging', 'watch')?.seal.watched?.samples ?? 0) >= samples;

/** Of a rollback in staging; what was not rehearsed has none. */
const placeholdersOf = (of: unknown): unknown => (of as { placeholders?: number } | undefined)?.placeholders;

const rehearsalOf = (result: unknown): unknown => {
  const { rehearsal } = (result ?? {}) as { rehearsal?: CopyRehearsal };
  return rehearsal && onCopySeen(rehearsal);
};

/** What is not shown is no claim. */
const looked = (claim: Claim, shown: unknown, seen: unknown): Looked[] =>
  shown === undefined ? [] : [{ claim, isSo: isSame(shown, seen) }];

const isSame = (shown: unknown, seen: unknown): boolean => seen !== undefined && digestOf(shown) === digestOf(seen);
