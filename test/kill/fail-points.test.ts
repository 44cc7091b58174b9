import { faultCases } from '../support/fault-cases';
import { openFaultStage, type FaultStage } from '../support/fault-stage';
import { expectToSurvive } from '../support/survive-fault';

let stage: FaultStage;
beforeAll(async () => {
  stage = await openFaultStage();
});
afterAll(() => stage.close());

test.each(faultCases)('$point, $fault, then $then', (one) => expectToSurvive(stage, one));
