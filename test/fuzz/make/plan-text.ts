import { stringify } from 'yaml';
import { digestOf } from '../../../contract/text/digest';
import type { Plan } from '../../../contract/plan/plan';
import { parsePlanFile } from '../../../contract/plan/plan-file';
import type { Case } from './make-case';
import { without, type Part } from './parts';

/** What is the same in all plans: nothing of it has to do with what goes. */
const rest = {
  does: 'Whatever the seed says.',
  release: { from: 'old', to: 'new' },
  probes: [{ name: 'refused', path: '/', key: 'wrong', expect: { status: 401 } }],
  log: {
    requests: { event: 'request', status: 'status', durationMs: 'ms' },
    canary: { probe: 'refused', event: 'refused' },
  },
  watch: [{ name: 'refusals', measure: 'events', match: { event: 'refused' }, max: 0, severity: 'critical' }],
  durations: { lockGivesUp: '5 s', lockTimeout: '100 ms' },
};

/** `plan.yaml` of a case, with what of it is left. Undefined: nothing is left. */
export function planText({ removes, proof, hasRevision }: Case, parts: readonly Part[]): string | undefined {
  const there = new Set(without(parts, new Set()).map(({ id }) => id));
  const left = removes.filter(({ needs }) => needs.every((id) => there.has(id))).map(({ entry }) => entry);
  if (left.length === 0) return undefined;
  return stringify({
    ...rest,
    ...(hasRevision && { revision: { table: 'schema_revision', from: '1', to: '2' } }),
    removes: left,
    ...(proof !== undefined && { proof }),
  });
}

/** As a worker reads it. @throws with all faults */
export function readPlan(text: string): { plan: Plan; planDigest: string } {
  const read = parsePlanFile('fuzz', text);
  if ('faults' in read)
    throw new Error(`refused by plan check: ${read.faults.map(({ message }) => message).join('; ')}`);
  return { plan: read.plan, planDigest: digestOf(read.plan) };
}
