import { join } from 'node:path';
import { stepLabel, stepLabels } from '../../contract/run/step-names';
import { readHistory, replay } from '../support/workflows/histories';
import { workflowBundle } from '../support/servers/servers';

// With all the others: test/kill/rollouts/reworded.test.ts.

test('labels are different today, so that people can tell steps apart', () => {
  expect(new Set(Object.values(stepLabels)).size).toBe(Object.keys(stepLabels).length);
  expect(stepLabel({ name: 'hide', of: 'staging' })).toBe('staging: hide');
  expect(stepLabel({ name: 'approval', gate: 'production' })).toBe('approval: production');
});

test('with all labels of steps reworded, a rollout that was rejected decides the same', async () => {
  const bundle = await workflowBundle(join(__dirname, '../support/workflows/reworded-workflows.ts'));
  await replay(readHistory('rejected.json.gz'), 'rejected', bundle);
});
