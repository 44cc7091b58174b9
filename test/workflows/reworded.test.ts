import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stepLabel, stepLabels } from '../../contract/run/step-names';
import { historiesFolder, readHistory, replay } from '../support/workflows/histories';
import { workflowBundle } from '../support/servers/servers';

const recorded = readdirSync(historiesFolder).filter((file) => file.endsWith('.json.gz'));

test('labels are different today, so that people can tell steps apart', () => {
  expect(new Set(Object.values(stepLabels)).size).toBe(Object.keys(stepLabels).length);
  expect(stepLabel({ name: 'hide', of: 'staging' })).toBe('staging: hide');
  expect(stepLabel({ name: 'approval', gate: 'production' })).toBe('approval: production');
});

test.each(recorded)('with all labels of steps reworded, %s decides the same', async (file) => {
  const bundle = await workflowBundle(join(__dirname, '../support/workflows/reworded-workflows.ts'));
  await replay(readHistory(file), file, bundle);
});
