import type { ShorterWait } from '../../contract/plan/durations';
import type { Accepted, FailedFirst, RolloutEvidence } from '../../contract/run/gate-evidence';
import { readableDuration } from '../../contract/text/duration';
import { counted } from '../../contract/text/plain-text';
import type { GatePart } from './gate-part';
import { notCoveredLines } from './gate-proof';

/** What is not as the runbook has it: read before what went well. Nothing where all did. */
export const oddParts = ({
  change,
  proof,
  accepted,
  shorterWaits = [],
  failedFirst = [],
}: RolloutEvidence): GatePart[] =>
  [
    { title: '⚠ Not covered', lines: notCoveredLines(proof, change) },
    { title: '⚠ Shorter than usual', lines: shorterWaits.map(shorterLine) },
    { title: '⚠ Did not succeed at first', lines: [...failedFirst.map(failedLine), ...restartsLine(proof)] },
    { title: '⚠ Accepted despite a finding', lines: [...accepted.flatMap(acceptedLines), ...unrelatedLines(proof)] },
  ].filter(({ lines }) => lines.length > 0);

const shorterLine = ({ name, ms, usualMs }: ShorterWait): string =>
  `${waitNames[name]}: ${readableDuration(ms)} instead of ${readableDuration(usualMs)}`;

const waitNames = {
  soak: 'soak of staging',
  announceAhead: 'notice before production changes',
  trial: 'trial of production without the data',
  monitor: 'watch after the drop',
  aftercareDaily: 'aftercare',
} satisfies Record<ShorterWait['name'], string>;

const failedLine = ({ step, because }: FailedFirst): string => `${step}: ${because.join(' | ')}`;

const restartsLine = ({ staging: { soak } }: RolloutEvidence['proof']): string[] =>
  soak === undefined || soak.restarts === 0
    ? []
    : [`soak: critical ${counted(soak.restarts, 'time')}; its clock was set back to 0 each time`];

const acceptedLines = ({ gate, by, reason, about = [] }: Accepted): string[] => [
  `${by} accepted in "${gate}"${reason === undefined ? '' : `, because: ${reason}`}`,
  ...about.map((line) => `the finding: ${line}`),
];

const unrelatedLines = ({ staging: { soak } }: RolloutEvidence['proof']): string[] =>
  (soak?.accepted ?? []).map((line) => `as unrelated, in the soak: ${line}`);
