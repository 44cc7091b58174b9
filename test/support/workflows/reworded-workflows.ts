import { stepLabels } from '../../../contract/run/step-names';

export * from '../../../workflows';

/** As somebody might find better words for them, even the same for all. */
for (const name of Object.keys(stepLabels) as (keyof typeof stepLabels)[]) stepLabels[name] = 'reworded';
