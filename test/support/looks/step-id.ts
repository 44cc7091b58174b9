import { environments } from '../../../contract/run/names';
import { stepLabels } from '../../../contract/run/step-names';
import type { StepId, StepName } from '../../../contract/run/step-names';

/** The step that has this label today; any, where no step has it. */
export function stepIdOf(label: string): StepId {
  const of = environments.find((name) => label.startsWith(`${name}: `));
  const rest = of === undefined ? label : label.slice(of.length + 2);
  if (rest.startsWith('approval: ')) return { name: 'approval', gate: rest.slice('approval: '.length) };
  const name = (Object.keys(stepLabels) as StepName[]).find((each) => stepLabels[each] === rest) ?? 'preflight';
  return { name, ...(of && { of }) };
}
