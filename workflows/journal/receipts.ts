import { isReceipt, type Receipt, type Seal } from '../../contract/run/seal';

/** What workers have sealed for this run; each run has a module of its own. */

/** Of these the newest is shown to approvers, so it goes to the gate with its result. */
const shown = new Set([
  'classifyRows',
  'assessRollback',
  'proveBackup',
  'rehearseOnCopy',
  'loadTest',
  'watch',
  'refillRemoved',
]);

const newest = new Map<string, Receipt>();
const all: Seal[] = [];

/** The result in an answer, whether it is sealed or not. */
export function resultIn(answer: unknown): unknown {
  if (!isReceipt(answer)) return answer;
  const { role, step } = answer.seal;
  all.push(answer.seal);
  if (shown.has(step)) newest.set(`${role} ${step}`, answer);
  return answer.result;
}

/** For a gate. */
export const receiptsToShow = (): Receipt[] => [...newest.values()];

/** Of everything, in the order in which it arrived. */
export const sealsSoFar = (): Seal[] => [...all];
