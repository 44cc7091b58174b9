import { newSealPair } from '../../../activities/environment/seal-keys';
import { isSealed } from '../../../activities/seals/sealed';
import { sealResults } from '../../../activities/seals/seal-results';
import type { Receipt, Seal } from '../../../contract/run/seal';
import { digestOf } from '../../../contract/text/digest';
import { asActivity } from '../../support/looks/as-activity';
import { orderedBy } from '../../support/stages/decided';
import { newRun, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

let stage: SampleEnvironment;
const pair = newSealPair();
beforeAll(async () => {
  stage = await openSampleEnvironment();
  stage.environment.seals = { role: 'production', private: pair.private, public: { production: [pair.public] } };
});
afterAll(() => stage.close());

const run = newRun();
const activities = {
  checkServer: async (_: object) => ({ findings: [], at: 'now' }),
  checkLog: async (_: object) => [{ check: 'log' }],
  proveBackup: async (_: object) => ({ id: 'b' }),
  unhide: async (_: object) => ['back'],
  takeSample: async (_: object) => ({ requests: 1 }),
  finishNothing: async (_: object) => undefined,
  watch: async (_: object) => ({ summary: { samples: 4, green: 3 }, last: {} }),
};
type Call = (input: object) => Promise<unknown>;
/** As the run calls them, or a reset of it. */
const asked = (runId = run.firstRun): Record<keyof typeof activities, Call> => {
  const temporal = orderedBy({}, { firstRun: run.firstRun });
  const sealing = sealResults(activities, { environment: stage.find, temporal });
  const asker = { workflowId: run.workflowId, runId };
  const calls = Object.entries(sealing).map(([name, activity]): [string, Call] => [
    name,
    async (input) => {
      const { result, error } = await asActivity(() => (activity as Call)(input), { asker });
      if (error !== undefined) throw error;
      return result;
    },
  ]);
  return Object.fromEntries(calls) as Record<keyof typeof activities, Call>;
};
const receipt = async (answer: Promise<unknown>): Promise<Receipt> => (await answer) as Receipt;
const rows = () => stage.database.query<{ seal: Seal }>('select seal from rubicon.receipt order by number');

test('what an activity answers comes with its seal, and enters the chain of its run, also many at once', async () => {
  const sealed = asked();
  const answers = await Promise.all(Array.from({ length: 12 }, () => receipt(sealed.unhide({ run }))));
  const seals = answers.map(({ seal }) => seal).sort((a, b) => a.number - b.number);
  expect(seals.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  expect((await rows()).map(({ seal }) => seal)).toEqual(seals);
  seals.slice(1).forEach((seal, index) => expect(seal.before).toBe(digestOf(seals[index])));
  for (const { result, seal } of answers)
    expect(
      isSealed({ public: { production: [pair.public] } }, 'production', { run, step: 'unhide', result, seal }),
    ).toBe(true);
});

test('it is sealed for the run that asks, also after a reset, whatever run the input names', async () => {
  const other = newRun();
  const { result, seal } = await receipt(asked('a reset of it').checkLog({ target: 'agent-api', run: other }));
  expect(result).toEqual([{ check: 'log' }]);
  expect(seal).toMatchObject({ firstRun: run.firstRun, workflowId: run.workflowId, step: 'checkLog' });
});

test('a watch says in its seal what was seen in all', async () => {
  const sealed = asked();
  const [, second] = [await receipt(sealed.watch({ run })), await receipt(sealed.watch({ run }))];
  expect(second.seal.watched).toEqual({ samples: 8, healthy: 6 });
});

test('looks of a moment, and what answers nothing, have no seal; without keys nothing has', async () => {
  expect(await asked().takeSample({ run })).toEqual({ requests: 1 });
  expect(await asked().finishNothing({ run })).toBeUndefined();
  const { seals, ...rest } = stage.environment;
  const without = sealResults(activities, { environment: () => rest, temporal: orderedBy() });
  expect(await without.unhide({ run })).toEqual(['back']);
  expect(seals).toBeDefined();
});

test('where the chain cannot be continued a check answers without a seal; what the drop asks for is asked again', async () => {
  await stage.database.query('alter table rubicon.receipt rename to other');
  try {
    expect(await asked().checkServer({ run })).toEqual({ findings: [], at: 'now' });
    await expect(asked().proveBackup({ run })).rejects.toMatchObject({ sqlstate: '42P01' });
  } finally {
    await stage.database.query('alter table rubicon.other rename to receipt');
  }
  await expect(receipt(asked().proveBackup({ run }))).resolves.toMatchObject({ seal: { step: 'proveBackup' } });
});
