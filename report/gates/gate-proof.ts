import { traits, type Kind } from '../../contract/plan/kinds';
import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import { environments } from '../../contract/run/names';
import { counted } from '../../contract/text/plain-text';
import type { Change } from '../../contract/run/change';
import type { Accepted, Proof, RehearsedOnCopy, StagingProof } from '../../contract/run/gate-evidence';
import { rehearsedInStaging } from '../run/rollback-rehearsal';

/** What was seen before anybody was asked, the strongest first; what was not covered last, and never left out. */
export function proofLines(proof: Proof, { kind }: Change, accepted: readonly Accepted[]): string[] {
  const { soak, rollback, backup, loadTest } = proof.staging;
  const copies = copiesOf(proof);
  return [
    ...(soak === undefined ? [] : [soakLine(soak)]),
    ...(copies.length === 0
      ? []
      : [`change and rollback run on throw-away copies and compared afterwards: ${copies.map(copyText).join('; ')}`]),
    ...(rollback === undefined ? [] : [rehearsedInStaging(rollback, kind)]),
    ...(backup === undefined ? [] : [`backup of staging restored, equal: ${amount(backup)}`]),
    ...(loadTest === undefined ? [] : [`load test in staging: ${loadTest.map(loadResult).join('; ')}`]),
    preflightLine(proof, kind, accepted.length > 0),
    ...notCoveredLines(proof, copies),
  ];
}

/** How old it is, and that it is not the last look. */
function preflightLine({ checks, checkedAt }: Proof, kind: Kind, isAccepted: boolean): string {
  const at = checkedAt === undefined ? '' : ` at ${readableInstant(checkedAt)}`;
  const none = `none blocking${isAccepted ? ' except what was accepted' : ''}`;
  const again = traits[kind].hasValues
    ? 're-checked before writes are blocked, rows re-counted after that'
    : 're-checked before it is taken out of use';
  return `preflight${at}: ${counted(checks, 'check')} in staging and production, ${none}; ${again}`;
}

interface Copy {
  of: string;
  walked: RehearsedOnCopy;
}

function copiesOf({ copies, staging: { backup } }: Proof): Copy[] {
  const sampled = environments.toReversed().flatMap((name): Copy[] => {
    const walked = copies[name];
    return walked === undefined ? [] : [{ of: name, walked }];
  });
  return [
    ...sampled,
    ...(backup?.rehearsal === undefined ? [] : [{ of: 'the backup of staging', walked: backup.rehearsal }]),
  ];
}

/** `production, a sample of 180 rows: equal`. */
function copyText({ of, walked: { extent, rows, passed, lacks } }: Copy): string {
  const with_ = extent === 'all rows' ? `all ${counted(rows, 'row')}` : `a sample of ${counted(rows, 'row')}`;
  return `${of}, ${with_}: ${passed ? 'equal' : lacks.length > 0 ? 'equal for what the copy covers' : '⚠ NOT EQUAL'}`;
}

function notCoveredLines({ notCovered }: Proof, copies: readonly Copy[]): string[] {
  const lacking = copies.flatMap(({ walked }) => [...walked.lacks, ...walked.notCovered]);
  const all = [...new Set([...lacking, ...notCovered])];
  return all.length === 0 ? [] : [`⚠ not covered: ${all.join('; ')}`];
}

function soakLine({ neededMs, samples, restarts, accepted }: NonNullable<StagingProof['soak']>): string {
  const again = restarts === 0 ? '' : `, ${counted(restarts, 'clock restart')}`;
  const despite = accepted.length === 0 ? '' : `; ⚠ accepted as unrelated: ${accepted.join('; ')}`;
  return `staging runs without it: healthy for ${readableDuration(neededMs)} (${counted(samples, 'sample')}${again})${despite}`;
}

/** Its checks are named after the test, which stands before them. */
const loadResult = ({ check, found, status }: NonNullable<StagingProof['loadTest']>[number]): string =>
  `${status === 'failed' || status === 'unknown' ? '⚠ ' : ''}${check.replace('load test: ', '')} ${found}`;

const amount = ({ rows, tables }: { rows: number; tables: number }): string =>
  `${counted(rows, 'row')} of ${counted(tables, 'table')}`;
