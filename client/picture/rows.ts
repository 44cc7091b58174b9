import type { Facts, StepRecord } from '../../contract/run/facts';
import { rolloutSteps } from '../../contract/run/rollout-steps';
import { isSameStep, stepLabel } from '../../contract/run/step-names';
import type { StepId } from '../../contract/run/step-names';
import { readableDuration } from '../../contract/text/duration';
import { readableSpan } from '../../contract/text/instant';
import { counted } from '../../contract/text/plain-text';

/** One line of the picture. */
export interface Row {
  id: StepId;
  name: string;
  state: StepRecord['state'] | 'to come';
  /** Readable; empty while it has not begun. */
  took: string;
  note: string;
}

/** Before it everything can be undone. */
export const firstBeyond: StepId = { name: 'drop', of: 'production' };

/** What was done, is being done, and is to come. Pure. */
export function rowsOf(facts: Facts, asOf: string): Row[] {
  const rows = facts.steps.map((step) => rowOf(facts, step, asOf));
  if (facts.kind === 'rollback' || facts.outcome !== undefined) return rows;
  const usual = rolloutSteps(facts.plan?.kind);
  const toCome = usual
    .slice(passed(usual, facts.steps))
    .map((id): Row => ({ id, name: stepLabel(id), state: 'to come', took: '', note: '' }));
  return [...rows, ...toCome];
}

/** How many of the usual steps have begun, in their order; others that came between are passed over. */
const passed = (usual: readonly StepId[], steps: readonly StepRecord[]): number =>
  steps.reduce((at, { id }) => {
    const next = usual.findIndex((one, index) => index >= at && isSameStep(one, id));
    return next < 0 ? at : next + 1;
  }, 0);

/** `14 of 31`: which step it is at, and how many there are if all goes well. Undefined of a rollback, and in the end. */
export function progress(facts: Facts, asOf: string): string | undefined {
  if (facts.kind === 'rollback' || facts.outcome !== undefined) return undefined;
  const rows = rowsOf(facts, asOf);
  return `${rows.filter(({ state }) => state !== 'to come').length} of ${rows.length}`;
}

function rowOf(facts: Facts, step: StepRecord, asOf: string): Row {
  const { id, name, state, startedAt, endedAt, tries, note = noteSoFar(facts, step.id) } = step;
  const again = tries > 1 ? `, ${tries} tries` : '';
  return { id, name, state, took: readableSpan(startedAt, endedAt ?? asOf) + again, note };
}

/** What can be said of a step that has not ended. */
function noteSoFar({ decisions, monitor, soak }: Facts, { name, gate: asked }: StepId): string {
  if (name === 'soak' && soak !== undefined)
    return `${readableDuration(soak.healthyMs)} of ${readableDuration(soak.neededMs)} healthy, ${counted(soak.samples, 'sample')}`;
  const votes = asked === undefined ? [] : decisions.filter(({ gate }) => gate === asked);
  if (votes.length > 0)
    return votes.map(({ by, decision }) => `${decision === 'approve' ? 'approved' : 'rejected'} by ${by}`).join(', ');
  if (name !== 'monitor' || monitor === undefined) return '';
  return `${counted(monitor.samples, 'sample')}, ${monitor.green} green`;
}
