import type { Loaded } from '../../contract/run/loaded';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { readableDuration, toMs } from '../../contract/text/duration';
import type { Facts } from '../../contract/run/facts';
import type { Finding } from '../../contract/run/findings';
import { shortTableName } from '../../contract/text/object-name';
import { counted } from '../../contract/text/plain-text';
import type { Plan } from '../../contract/plan/plan';
import { placeOf, type DatabaseRemoval } from '../../contract/plan/removal';
import { isKeptByRow, nameOfRemoval, removalsOf, traitsOf, wordFor } from '../../contract/plan/removals';
import type { RowClasses } from '../../contract/run/world';
import { evidenceOf } from './evidence-kinds';

/** What approvers are shown. Frozen when the gate opens: the codes are computed over it. Pure. */
export function rolloutEvidence(facts: Facts, { plan, hasWindows }: Loaded): GateEvidence {
  const { rows = [] } = facts.environments.production;
  const findings = facts.steps.flatMap((step) => step.findings);
  const inWindow = hasWindows === true ? ' and a change window is open' : '';
  const ahead = readableDuration(toMs(plan.durations.announceAhead));
  return {
    dies: plan.removes.map((removal) => diesLine(removal, { rows, findings })),
    when:
      `${ahead} after the approval, ${traitsOf(plan).hasValues ? `once the backup is proven${inWindow}: frozen, copied and hidden` : `taken out of use${inWindow}`}, tried without for ` +
      `${readableDuration(toMs(plan.durations.trial))}, then dropped`,
    wayBack: `until the drop: without loss, ${evidenceOf(plan).before}, by itself when the trial is red. After it: ${evidenceOf(plan).after(plan)}`,
    seen: facts.steps
      .filter(({ state }) => state === 'done')
      .map(({ name, note }) => `${name}${note === undefined ? '' : `: ${note}`}`),
    accepted: acceptedLines(facts),
    ...(facts.order.reason !== undefined && { reason: facts.order.reason }),
    ...(facts.link !== undefined && { link: facts.link }),
  };
}

function diesLine(
  entry: Plan['removes'][number],
  { rows, findings }: { rows: readonly RowClasses[]; findings: readonly Finding[] },
): string {
  const name = nameOfRemoval(entry);
  const [apart] = removalsOf({ removes: [entry] });
  const found = findings.findLast(({ check }) => check === `production: index ${name}`)?.found;
  return (
    name +
    evidenceOf({ removes: [entry] }).dies(entry, {
      rows: rows.find(({ table, column }) => apart !== undefined && isCountOf(apart, table, column)),
      found,
    })
  );
}

/** Counts name a table without its schema where that is `public`. */
const isCountOf = (removal: DatabaseRemoval, table: string, column: string | undefined): boolean =>
  table === shortTableName(placeOf(removal)) && column === placeOf(removal).column;

const lossOf = (plan: Plan, { rows, owners }: RollbackCase['loss']): string =>
  isKeptByRow(plan) ? counted(rows, 'row') : `${counted(rows, 'row')} of ${counted(owners, 'owner')}`;

/** What a rollback would do and lose. Pure. */
export function rollbackEvidence(facts: Facts, found: RollbackCase, plan: Plan): GateEvidence {
  const { loss, restorable, backup, copy, world } = found;
  return {
    dies: [
      loss.rows === 0
        ? 'no loss: all of it comes back'
        : `${lossOf(plan, loss)}, ${found.newKeys === true ? 'all that there are, ' : isKeptByRow(plan) ? '' : `written since ${loss.since}, `}${loss.means}`,
    ],
    when: found.newKeys === true ? 'as soon as a custodian has opened the new keys' : 'at once after the approval',
    wayBack: found.newKeys === true ? 'none for keys: the new ones stay' : 'start the rollout again',
    seen: [
      `data ${world.data}, state row ${world.row}, revision ${world.revision ?? 'not covered'}, release ${world.release ?? 'unknown'}`,
      isKeptByRow(plan)
        ? comesBack(plan, restorable.rows)
        : `${counted(restorable.rows, 'row')} of ${counted(restorable.owners, 'owner')} get their key back`,
      copy === undefined
        ? `no final copy${traitsOf(plan).hasValues ? '' : ', and none is needed'}`
        : `final copy of ${copy.takenAt}: ${counted(copy.pairs, isKeptByRow(plan) ? 'row' : 'owner')}`,
      ...(found.newKeys === true
        ? [
            'neither copy nor backup: if one of them can still be brought back, reject this, and start again then',
            ...found.findings.filter(({ check }) => check === 'copy and backup').map(({ found: why }) => `why: ${why}`),
          ]
        : []),
      backup === undefined
        ? `no backup${traitsOf(plan).hasValues ? '' : ', and none is needed'}`
        : `proven backup of ${backup.takenAt}, sha256 ${backup.sha256.slice(0, 12)}`,
    ],
    accepted: [],
    ...(facts.order.reason !== undefined && { reason: facts.order.reason }),
    ...(facts.link !== undefined && { link: facts.link }),
  };
}

const comesBack = (plan: Plan, rows: number): string =>
  traitsOf(plan).hasValues
    ? `${counted(rows, 'row')} come back as they were`
    : `${wordFor(plan)} are built again while others write`;

const acceptedLines = (facts: Facts): string[] =>
  facts.decisions
    .filter(({ decision }) => decision === 'accept')
    .flatMap(({ gate, by, reason, about = [] }) => [
      `${gate}, by ${by}${reason === undefined ? '' : `: ${reason}`}`,
      ...about.map((line) => `${gate}, in spite of ${line}`),
    ]);
