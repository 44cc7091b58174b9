import type { Facts, StepRecord } from '../../contract/run/facts';
import { isSameStep, stepLabel } from '../../contract/run/step-names';
import type { StepId } from '../../contract/run/step-names';
import { readableSpan } from '../../contract/text/instant';
import { counted } from '../../contract/text/plain-text';
import { soakText } from '../../workflows/journal/soak-clock';

/** One line of the picture. */
export interface Row {
  id: StepId;
  name: string;
  state: StepRecord['state'] | 'to come';
  /** Readable; empty while it has not begun. */
  took: string;
  note: string;
}

/** What a rollout does when all goes well. */
export const usualSteps: readonly StepId[] = [
  { name: 'preflight' },
  { name: 'baseline' },
  { name: 'backup', of: 'staging' },
  { name: 'newRelease', of: 'staging' },
  { name: 'freeze', of: 'staging' },
  { name: 'countAgain', of: 'staging' },
  { name: 'finalCopy', of: 'staging' },
  { name: 'hide', of: 'staging' },
  { name: 'trial', of: 'staging' },
  { name: 'drop', of: 'staging' },
  { name: 'verify', of: 'staging' },
  { name: 'loadTest', of: 'staging' },
  { name: 'soak', of: 'staging' },
  { name: 'approval', gate: 'production' },
  { name: 'backup', of: 'production' },
  { name: 'newRelease', of: 'production' },
  { name: 'freeze', of: 'production' },
  { name: 'countAgain', of: 'production' },
  { name: 'finalCopy', of: 'production' },
  { name: 'hide', of: 'production' },
  { name: 'trial', of: 'production' },
  { name: 'drop', of: 'production' },
  { name: 'verify', of: 'production' },
  { name: 'monitor', of: 'production' },
  { name: 'aftercare' },
];

/** Before it everything can be undone. */
export const firstBeyond: StepId = { name: 'drop', of: 'production' };

/** What was done, is being done, and is to come. Pure. */
export function rowsOf(facts: Facts, asOf: string): Row[] {
  const rows = facts.steps.map((step) => rowOf(facts, step, asOf));
  if (facts.kind === 'rollback' || facts.outcome !== undefined) return rows;
  const begun = Math.max(-1, ...facts.steps.map(({ id }) => usualSteps.findIndex((usual) => isSameStep(usual, id))));
  const toCome = usualSteps
    .slice(begun + 1)
    .map((id): Row => ({ id, name: stepLabel(id), state: 'to come', took: '', note: '' }));
  return [...rows, ...toCome];
}

function rowOf(facts: Facts, step: StepRecord, asOf: string): Row {
  const { id, name, state, startedAt, endedAt, tries, note = noteSoFar(facts, step.id) } = step;
  const again = tries > 1 ? `, ${tries} tries` : '';
  return { id, name, state, took: readableSpan(startedAt, endedAt ?? asOf) + again, note };
}

/** What can be said of a step that has not ended. */
function noteSoFar({ decisions, monitor, soak }: Facts, { name, gate: asked }: StepId): string {
  if (name === 'soak' && soak !== undefined) return soakText(soak);
  const votes = asked === undefined ? [] : decisions.filter(({ gate }) => gate === asked);
  if (votes.length > 0)
    return votes.map(({ by, decision }) => `${decision === 'approve' ? 'approved' : 'rejected'} by ${by}`).join(', ');
  if (name !== 'monitor' || monitor === undefined) return '';
  return `${counted(monitor.samples, 'sample')}, ${monitor.green} green`;
}
