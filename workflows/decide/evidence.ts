import type { Loaded } from '../../contract/run/loaded';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { readableDuration, toMs } from '../../contract/text/duration';
import type { Facts } from '../../contract/run/facts';
import { shortTableName } from '../../contract/text/object-name';
import { counted } from '../../contract/text/plain-text';
import type { Plan } from '../../contract/plan/plan';
import { placeOf, type DatabaseRemoval } from '../../contract/plan/removal';
import { isKeptByRow, nameOfRemoval, removalsOf, traitsOf, wordFor } from '../../contract/plan/removals';
import type { RowClasses } from '../../contract/run/world';

/** What approvers are shown. Frozen when the gate opens: the codes are computed over it. Pure. */
export function rolloutEvidence(facts: Facts, { plan, hasWindows }: Loaded): GateEvidence {
  const { rows = [] } = facts.environments.production;
  const inWindow = hasWindows === true ? ' and a change window is open' : '';
  const ahead = readableDuration(toMs(plan.durations.announceAhead));
  return {
    dies: plan.removes.map((removal) => diesLine(removal, rows)),
    when:
      `${ahead} after the approval, ${traitsOf(plan).hasFinalCopy ? `once the backup is proven${inWindow}: frozen, copied and hidden` : `taken out of use${inWindow}`}, tried without for ` +
      `${readableDuration(toMs(plan.durations.trial))}, then dropped`,
    wayBack: `until the drop: without loss, ${beforeTheDrop(plan)}, by itself when the trial is red. After it: ${afterTheDrop(plan)}`,
    seen: facts.steps
      .filter(({ state }) => state === 'done')
      .map(({ name, note }) => `${name}${note === undefined ? '' : `: ${note}`}`),
    accepted: acceptedLines(facts),
    ...(facts.order.reason !== undefined && { reason: facts.order.reason }),
    ...(facts.link !== undefined && { link: facts.link }),
  };
}

function diesLine(removal: Plan['removes'][number], rows: readonly RowClasses[]): string {
  const name = nameOfRemoval(removal);
  if (removal.thing !== undefined) return `${name}, for good: the plan says "restore: none"`;
  const [apart] = removalsOf({ removes: [removal] });
  const of = rows.find(({ table, column }) => apart !== undefined && isCountOf(apart, table, column));
  if (removal.where !== undefined)
    return `${name}: ${of === undefined ? 'rows not counted' : `${counted(of.match, 'row')} of ${of.total}`}`;
  const whole = removal.table !== undefined ? 'table' : removal.partition && 'partition';
  if (whole !== undefined)
    return `${name}: the whole ${whole}, ${of === undefined ? 'rows not counted' : counted(of.total, 'row')}`;
  const rowsOf = of === undefined ? 'rows not counted' : `${counted(of.match, 'value')} in ${counted(of.total, 'row')}`;
  return `${name}: ${rowsOf}, ${removal.replacedBy === undefined ? 'replaced by nothing' : `replaced by ${removal.replacedBy}`}`;
}

const beforeTheDrop = (plan: Plan): string =>
  ({
    columns: 'in a moment',
    tables: 'in a moment',
    rows: 'in batches, as long as it takes to move them',
    partitions: 'in a moment, unless rows of its values were written meanwhile',
    things: 'by an action',
  })[wordFor(plan)];

/** Counts name a table without its schema where that is `public`. */
const isCountOf = (removal: DatabaseRemoval, table: string, column: string | undefined): boolean =>
  table === shortTableName(removal) && column === placeOf(removal).column;

function afterTheDrop(plan: Plan): string {
  const word = wordFor(plan);
  if (word === 'things') return 'NONE: the plan says "restore: none"; there is no copy of it';
  if (word === 'tables') return 'every row as it was at the freeze, from the final copy, in tables built as they were';
  if (word === 'partitions')
    return 'every row as it was at the freeze, from the final copy, in tables built and attached as they were';
  if (word === 'rows') return 'every row as it was at the freeze, from the final copy';
  return isKeptByRow(plan) && plan.proof !== undefined
    ? 'the value of every row as it was at the freeze, where that still fits what replaced it, else what follows from that; rows for which neither is known are counted before anybody approves'
    : isKeptByRow(plan)
      ? 'the value of every row as it was at the freeze, from the final copy; rows written since have none'
      : 'the key of every owner that was there at the freeze, from the final copy; rows of owners who came since have no ' +
        'key and get an unusable placeholder';
}

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
        ? `${counted(restorable.rows, 'row')} come back as they were`
        : `${counted(restorable.rows, 'row')} of ${counted(restorable.owners, 'owner')} get their key back`,
      copy === undefined
        ? 'no final copy'
        : `final copy of ${copy.takenAt}: ${counted(copy.pairs, isKeptByRow(plan) ? 'row' : 'owner')}`,
      ...(found.newKeys === true
        ? [
            'neither copy nor backup: if one of them can still be brought back, reject this, and start again then',
            ...found.findings.filter(({ check }) => check === 'copy and backup').map(({ found: why }) => `why: ${why}`),
          ]
        : []),
      backup === undefined ? 'no backup' : `proven backup of ${backup.takenAt}, sha256 ${backup.sha256.slice(0, 12)}`,
    ],
    accepted: [],
    ...(facts.order.reason !== undefined && { reason: facts.order.reason }),
    ...(facts.link !== undefined && { link: facts.link }),
  };
}

const acceptedLines = (facts: Facts): string[] =>
  facts.decisions
    .filter(({ decision }) => decision === 'accept')
    .flatMap(({ gate, by, reason, about = [] }) => [
      `${gate}, by ${by}${reason === undefined ? '' : `: ${reason}`}`,
      ...about.map((line) => `${gate}, in spite of ${line}`),
    ]);
