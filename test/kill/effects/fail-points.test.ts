import { faultCases } from '../../support/faults/fault-cases';
import { openFaultStage, type FaultStage } from '../../support/stages/fault-stage';
import { expectToSurvive } from '../../support/faults/survive-fault';

let stage: FaultStage;
beforeAll(async () => {
  stage = await openFaultStage();
});
afterAll(() => stage.close());

test.each(faultCases)('$point, $fault, then $then', (one) => expectToSurvive(stage, one));
