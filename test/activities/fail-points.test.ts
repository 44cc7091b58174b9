import { faultCases, type FaultCase } from '../support/fault-cases';
import { openFaultStage, type FaultStage } from '../support/fault-stage';
import { expectOneWinner } from '../support/race';
import { expectToSurvive } from '../support/survive-fault';

let stage: FaultStage;
beforeAll(async () => {
  stage = await openFaultStage();
}, 180_000); // there and back once, on a machine that may be busy
afterAll(() => stage.close());

/** A dozen of the faults that `npm run test:kill` goes through. */
const dozen: FaultCase[] = [
  { point: 'freeze: inside', fault: 'killed', then: 'again' },
  { point: 'final copy: before its name', fault: 'frozen for long', then: 'again' },
  { point: 'final copy: before its name', fault: 'killed', then: 'put back' },
  { point: 'hide: before commit', fault: 'cut off', then: 'put back' },
  { point: 'put back: state row turned', fault: 'killed', then: 'again' },
  { point: 'drop: inside', fault: 'frozen', then: 'put back' },
  { point: 'drop: before commit', fault: 'frozen', then: 'again' },
  { point: 'drop: after', fault: 'left by its server', then: 'again' },
  { point: 'flush: between two batches', fault: 'killed', then: 'again' },
  { point: 'restore columns: before commit', fault: 'frozen', then: 'again' },
  { point: 'fill: between two batches', fault: 'killed', then: 'again' },
  { point: 'end guard: before commit', fault: 'killed', then: 'again' },
];

test.each(dozen)('$point, $fault, then $then', (one) => {
  expect(faultCases).toContainEqual(one);
  return expectToSurvive(stage, one);
});

test.each(Array.from({ length: 2 }, (_, index) => index + 1))(
  'two that drop and one that aborts, seed %i: never both, never twice',
  async (seed) => void (await expectOneWinner(stage, seed)),
);
