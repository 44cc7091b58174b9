import { openFaultStage, type FaultStage } from '../support/fault-stage';
import { expectOneWinner } from '../support/race';

let stage: FaultStage;
beforeAll(async () => {
  stage = await openFaultStage();
});
afterAll(() => stage.close());

const endings: string[] = [];

test.each(Array.from({ length: 200 }, (_, index) => index + 1))(
  'two that drop and one that aborts, seed %i: never both, never twice',
  async (seed) => {
    endings.push(await expectOneWinner(stage, seed));
  },
);

test('each of the two endings was seen', () => {
  expect(new Set(endings)).toEqual(new Set(['dropped', 'put back']));
});
