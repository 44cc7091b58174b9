import type { Facts, StepRecord } from '../../contract/run/facts';
import { readableSpan } from '../../contract/text/instant';
import { counted } from '../../contract/text/plain-text';
import { soakText } from '../../workflows/journal/soak-clock';

/** One line of the picture. */
export interface Row {
  name: string;
  state: StepRecord['state'] | 'to come';
  /** Readable; empty while it has not begun. */
  took: string;
  note: string;
}

/** What a rollout does when all goes well, as its journal names it. */
export const usualSteps = [
  'preflight',
  'baseline',
  'staging: backup and proof',
  'staging: new release',
  'staging: freeze',
  'staging: rows again',
  'staging: final copy',
  'staging: hide',
  'staging: trial',
  'staging: drop',
  'staging: verify and probe',
  'staging: load test',
  'staging: soak',
  'approval: production',
  'production: backup and proof',
  'production: new release',
  'production: freeze',
  'production: rows again',
  'production: final copy',
  'production: hide',
  'production: trial',
  'production: drop',
  'production: verify and probe',
  'production: monitor',
  'aftercare',
] as const;

/** Before it everything can be undone. */
export const firstBeyond: (typeof usualSteps)[number] = 'production: drop';

/** What was done, is being done, and is to come. Pure. */
export function rowsOf(facts: Facts, asOf: string): Row[] {
  const rows = facts.steps.map((step) => rowOf(facts, step, asOf));
  if (facts.kind === 'rollback' || facts.outcome !== undefined) return rows;
  const begun = Math.max(-1, ...rows.map(({ name }) => usualSteps.findIndex((usual) => usual === name)));
  const toCome = usualSteps.slice(begun + 1).map((name): Row => ({ name, state: 'to come', took: '', note: '' }));
  return [...rows, ...toCome];
}

function rowOf(facts: Facts, step: StepRecord, asOf: string): Row {
  const { name, state, startedAt, endedAt, tries, note = noteSoFar(facts, step.name) } = step;
  const again = tries > 1 ? `, ${tries} tries` : '';
  return { name, state, took: readableSpan(startedAt, endedAt ?? asOf) + again, note };
}

/** What can be said of a step that has not ended. */
function noteSoFar({ decisions, monitor, soak }: Facts, name: string): string {
  if (name === 'staging: soak' && soak !== undefined) return soakText(soak);
  const votes = decisions.filter(({ gate }) => name === `approval: ${gate}`);
  if (votes.length > 0)
    return votes.map(({ by, decision }) => `${decision === 'approve' ? 'approved' : 'rejected'} by ${by}`).join(', ');
  if (name !== 'production: monitor' || monitor === undefined) return '';
  return `${counted(monitor.samples, 'sample')}, ${monitor.green} green`;
}
