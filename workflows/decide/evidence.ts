import { shorterWaits } from '../../contract/plan/durations';
import type { Plan } from '../../contract/plan/plan';
import { nameOfRemoval } from '../../contract/plan/removals';
import { changeKindOf } from '../../contract/run/change';
import type { Change, RemovedPart } from '../../contract/run/change';
import type { Facts, StepRecord } from '../../contract/run/facts';
import type { Question } from '../../contract/run/waiting';
import type { Finding } from '../../contract/run/findings';
import type {
  Ahead,
  FailedFirst,
  NewKeysEvidence,
  Proof,
  QuestionEvidence,
  RollbackEvidence,
  RolloutEvidence,
  StagingProof,
} from '../../contract/run/gate-evidence';
import { isSameStep } from '../../contract/run/step-names';
import type { Situation } from '../../contract/run/situation';
import type { Loaded } from '../../contract/activities/loaded';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { backupSeen, loadTestSeen, lossSeen, onCopySeen, rowsSeen } from '../../contract/run/seen';
import type { RowClasses } from '../../contract/run/observed-state';
import { toMs } from '../../contract/text/duration';

/** The facts that approvers are shown, frozen when the gate opens; `report/` says them in words. Pure. */

export const rolloutEvidence = (facts: Facts, loaded: Loaded): RolloutEvidence => ({
  about: 'rollout',
  ...common(facts, loaded.plan),
  ahead: aheadOf(facts, loaded),
  proof: proofOf(facts),
  accepted: facts.decisions
    .filter(({ decision }) => decision === 'accept')
    .map(({ gate, by, reason, about }) => ({
      ...{ gate, by },
      ...(reason !== undefined && { reason }),
      ...(about !== undefined && { about }),
    })),
  shorterWaits: shorterWaits(loaded.plan.durations, loaded.soakMs),
  failedFirst: facts.steps.flatMap(failedFirstOf),
});

/** What was accepted stands among the decisions, with who did it. */
const failedFirstOf = ({ name, failedTries = [] }: StepRecord): FailedFirst[] => {
  const because = failedTries.filter(({ answer }) => answer === 'retry').flatMap((failed) => failed.because);
  return because.length === 0 ? [] : [{ step: name, because: [...new Set(because)] }];
};

export const questionEvidence = (
  facts: Facts,
  plan: Plan,
  { step, because, situation }: Pick<Question, 'step' | 'because'> & { situation: Situation },
): QuestionEvidence => ({ about: 'question', ...common(facts, plan), step, because, situation });

/** What a rollback would do and lose. */
export function rollbackEvidence(facts: Facts, found: RollbackCase, plan: Plan): RollbackEvidence {
  const unusable = found.findings.find(({ check }) => check === 'copy and backup');
  return {
    about: 'rollback',
    ...common(facts, plan),
    found: lossSeen(found),
    release: plan.release,
    ...(unusable !== undefined && { noCopy: unusable.found }),
  };
}

export const newKeysEvidence = (
  facts: Facts,
  plan: Plan,
  { owners, isChanged }: { owners: number; isChanged: boolean },
): NewKeysEvidence => ({ about: 'new keys', ...common(facts, plan), owners, isChanged });

const common = (facts: Facts, plan: Plan): { change: Change; reason?: string; link?: string } => ({
  change: changeOf(facts, plan),
  ...(facts.order.reason !== undefined && { reason: facts.order.reason }),
  ...(facts.link !== undefined && { link: facts.link }),
});

/** How much of what the plan removes was there in production when preflight counted it. */
export function changeOf({ environments, steps }: Pick<Facts, 'environments' | 'steps'>, plan: Plan): Change {
  const { rows = [] } = environments.production;
  const findings = steps.flatMap((step) => step.findings);
  return { ...changeKindOf(plan), removes: plan.removes.map((removal) => partOf(removal, { rows, findings })) };
}

function partOf(
  removal: Plan['removes'][number],
  { rows, findings }: { rows: readonly RowClasses[]; findings: readonly Finding[] },
): RemovedPart {
  const definition = findings.findLast(({ check }) => check === `production: index ${nameOfRemoval(removal)}`)?.found;
  const counted = rowsSeen(removal, rows);
  return {
    name: nameOfRemoval(removal),
    ...(removal.replacedBy !== undefined && { replacedBy: removal.replacedBy }),
    ...(definition !== undefined && { definition }),
    ...(counted && { rows: counted }),
  };
}

const aheadOf = (facts: Facts, { plan, hasWindows, keepBackupsMs }: Loaded): Ahead => ({
  announceAheadMs: toMs(plan.durations.announceAhead),
  trialMs: toMs(plan.durations.trial),
  ...('notBefore' in facts.order && facts.order.notBefore !== undefined && { notBefore: facts.order.notBefore }),
  ...('override' in facts.order && facts.order.override !== undefined && { override: facts.order.override }),
  hasWindows: hasWindows === true,
  release: plan.release,
  keepBackupsMs,
});

function proofOf({ steps, environments, soak, notCovered }: Facts): Proof {
  const { staging, production } = environments;
  const preflight = steps.findLast(({ id }) => isSameStep(id, { name: 'preflight' }));
  return {
    checks: preflight?.findings.length ?? 0,
    ...(preflight?.endedAt !== undefined && { checkedAt: preflight.endedAt }),
    copies: {
      ...(staging.rehearsal && { staging: onCopySeen(staging.rehearsal) }),
      ...(production.rehearsal && { production: onCopySeen(production.rehearsal) }),
    },
    staging: stagingProof(staging, soak, steps),
    notCovered,
  };
}

function stagingProof(
  { proof, rolledBack }: Facts['environments']['staging'],
  soak: Facts['soak'],
  steps: Facts['steps'],
): StagingProof {
  const load = steps.findLast(({ id, state }) => id.name === 'loadTest' && state === 'done');
  const results = loadTestSeen(load?.findings ?? []);
  return {
    ...(proof && { backup: backupSeen(proof) }),
    ...(rolledBack && { rollback: rolledBack }),
    ...(results.length > 0 && { loadTest: results }),
    ...(soak && { soak: soakSeen(soak) }),
  };
}

const soakSeen = ({
  neededMs,
  samples,
  restarts,
  accepted,
}: NonNullable<Facts['soak']>): NonNullable<StagingProof['soak']> => ({
  ...{ neededMs, samples, restarts, accepted },
});
