import { traits, type Kind } from '../../contract/plan/kinds';
import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import { environments } from '../../contract/run/names';
import { counted } from '../../contract/text/plain-text';
import type { Change } from '../../contract/run/change';
import type { Proof, RehearsedOnCopy, StagingProof } from '../../contract/run/gate-evidence';
import { rehearsedInStaging } from '../run/rollback-rehearsal';

/** What went well before anybody was asked, the strongest first; each with its figure, the rest is in the report. */
export function proofLine(proof: Proof, { kind }: Change, isAccepted: boolean): string {
  const { soak, rollback, backup, loadTest } = proof.staging;
  const equal = copiesOf(proof).filter(({ walked }) => walked.passed);
  return [
    ...(soak === undefined ? [] : [soakText(soak)]),
    ...(equal.length === 0
      ? []
      : [`change and rollback on throw-away copies equal (${equal.map(copyText).join('; ')})`]),
    ...(rollback === undefined || 'notCovered' in rollback ? [] : [rehearsedInStaging(rollback, kind)]),
    ...(backup === undefined ? [] : [`backup of staging restored, equal (${amount(backup)})`]),
    ...(loadTest === undefined || !loadTest.every(isFine)
      ? []
      : [`load test in staging passed (${loadTest.map(loadResult).join('; ')})`]),
    preflightText(proof, kind, isAccepted),
  ]
    .map(asSentence)
    .join('. ');
}

const asSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What nobody has looked at, or what is not as it should be. */
export function notCoveredLines(proof: Proof, { kind }: Change): string[] {
  const { rollback, loadTest = [] } = proof.staging;
  const copies = copiesOf(proof);
  const lacking = copies.flatMap(({ walked }) => [...walked.lacks, ...walked.notCovered]);
  return [
    ...copies.filter(({ walked }) => !walked.passed).map((copy) => `change and rollback on a copy: ${copyText(copy)}`),
    ...(rollback !== undefined && 'notCovered' in rollback ? [rehearsedInStaging(rollback, kind)] : []),
    ...loadTest.filter((found) => !isFine(found)).map((found) => `load test in staging: ${loadResult(found)}`),
    ...new Set([...lacking, ...proof.notCovered]),
  ];
}

/** How old it is, and that it is not the last look. */
function preflightText({ checks, checkedAt }: Proof, kind: Kind, isAccepted: boolean): string {
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

/** `production, a sample of 180 rows`. */
function copyText({ of, walked: { extent, rows, passed, lacks } }: Copy): string {
  const which = extent === 'all rows' ? `all ${counted(rows, 'row')}` : `a sample of ${counted(rows, 'row')}`;
  const how = passed ? '' : lacks.length > 0 ? ': equal for what the copy covers' : ': ⚠ NOT EQUAL';
  return `${of}, ${which}${how}`;
}

const soakText = ({ neededMs, samples }: NonNullable<StagingProof['soak']>): string =>
  `staging runs without it: healthy for ${readableDuration(neededMs)} (${counted(samples, 'sample')})`;

type LoadResult = NonNullable<StagingProof['loadTest']>[number];

const isFine = ({ status }: LoadResult): boolean => status !== 'failed' && status !== 'unknown';

/** Its checks are named after the test, which stands before them. */
const loadResult = ({ check, found }: LoadResult): string => `${check.replace('load test: ', '')} ${found}`;

const amount = ({ rows, tables }: { rows: number; tables: number }): string =>
  `${counted(rows, 'row')} of ${counted(tables, 'table')}`;
