import { openFaultStage, type FaultStage } from '../../support/stages/fault-stage';
import { expectOneWinner, timeOfDrop } from '../../support/faults/race';

let stage: FaultStage;
let dropMs: number;
beforeAll(async () => {
  stage = await openFaultStage();
  await timeOfDrop(stage); // the first one compiles what the others find compiled
  dropMs = await timeOfDrop(stage);
});
afterAll(() => stage.close());

const endings: string[] = [];

test.each(Array.from({ length: 200 }, (_, index) => index + 1))(
  'two that drop and one that aborts, seed %i: never both, never twice',
  async (seed) => {
    endings.push(await expectOneWinner(stage, seed, dropMs));
  },
);

test('each of the two endings was seen', () => {
  expect(new Set(endings)).toEqual(new Set(['dropped', 'put back']));
});
