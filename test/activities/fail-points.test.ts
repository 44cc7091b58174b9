import { faultCases, type FaultCase } from '../support/faults/fault-cases';
import { openFaultStage, type FaultStage } from '../support/stages/fault-stage';
import { expectOneWinner } from '../support/faults/race';
import { expectToSurvive } from '../support/faults/survive-fault';

let stage: FaultStage;
beforeAll(async () => {
  stage = await openFaultStage();
}, 180_000); // there and back once, on a machine that may be busy
afterAll(() => stage.close());

/** Some of the faults that `npm run test:kill` goes through. */
const some: FaultCase[] = [
  { point: 'freeze: inside', fault: 'killed', then: 'again' },
  { point: 'final copy: before its name', fault: 'killed', then: 'put back' },
  { point: 'hide: before commit', fault: 'cut off', then: 'put back' },
  { point: 'put back: state row turned', fault: 'killed', then: 'again' },
  { point: 'drop: before commit', fault: 'frozen', then: 'again' },
  { point: 'flush: between two batches', fault: 'killed', then: 'again' },
  { point: 'fill: between two batches', fault: 'killed', then: 'again' },
  { point: 'end guard: before commit', fault: 'killed', then: 'again' },
];

test.each(some)('$point, $fault, then $then', (one) => {
  expect(faultCases).toContainEqual(one);
  return expectToSurvive(stage, one);
});

test('two that drop and one that aborts: never both, never twice', async () => void (await expectOneWinner(stage, 1)));
