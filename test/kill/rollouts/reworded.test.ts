import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { historiesFolder, readHistory, replay } from '../../support/workflows/histories';
import { workflowBundle } from '../../support/servers/servers';

const recorded = readdirSync(historiesFolder).filter((file) => file.endsWith('.json.gz'));

test.each(recorded)('with all labels of steps reworded, %s decides the same', async (file) => {
  const bundle = await workflowBundle(join(__dirname, '../../support/workflows/reworded-workflows.ts'));
  await replay(readHistory(file), file, bundle);
});
