import { createCheckQueries } from '../../activities/check-queries';
import { createCheckServer } from '../../activities/check-server';
import { createCheckStructure } from '../../activities/check-structure';
import { createCheckTools } from '../../activities/check-tools';
import { createClassifyRows } from '../../activities/classify-rows';
import { createVerifyDropped } from '../../activities/verify-dropped';
import { firstPlan, openSampleEnvironment, type SampleEnvironment } from '../support/sample-environment';

let stage: SampleEnvironment;
beforeAll(async () => (stage = await openSampleEnvironment()));
afterAll(() => stage.close());

test('thin', async () => {
  const { find } = stage;
  const deps = { environment: find };
  const { plan } = firstPlan();
  const target = 'agent-api';
  console.log(JSON.stringify(await createCheckServer(deps)({ target, ...plan, longTransaction: '1 minute' }), null, 1));
  console.log(JSON.stringify(await createCheckStructure(deps)({ target, ...plan, dropped: false }), null, 1));
  console.log(JSON.stringify(await createClassifyRows(deps)({ target, ...plan, newReleaseServes: false })));
  console.log(JSON.stringify(await createCheckQueries(deps)({ target, ...plan })));
  console.log(JSON.stringify(await createCheckTools(deps)({ target }), null, 1));
  console.log(JSON.stringify(await createVerifyDropped(deps)({ target, ...plan })));
});
