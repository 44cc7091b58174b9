import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { FindEnvironment } from '../../../activities/environment/environment';
import { createTakeSample } from '../../../activities/evidence/take-sample';
import { addSample, createWatch } from '../../../activities/evidence/watch';
import type { Sample } from '../../../contract/run/samples';
import { digestOf } from '../../../contract/text/digest';
import type { OfKnownPlan, PerformOfPlan } from '../../../activities/statements/of-known-plan';
import { asActivity, untilDone } from '../../support/looks/as-activity';
import { workflowBundle } from '../../support/servers/servers';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';
import { knownTo } from '../../support/inputs/known-plan';
import { openTestTemporal } from '../../support/servers/temporal-client';

let staged: ServedEnvironment;
beforeAll(async () => {
  staged = await openServedEnvironment({ release: 'phase3' });
  await knownTo(staged.environment, staged.plan);
});
afterAll(() => staged.close());

type Input = OfKnownPlan<'watch'>;

function inputOf(rest: Partial<Input> = {}): Input {
  const { watch, log, probes } = staged.plan;
  const planDigest = digestOf(staged.plan);
  return { target: 'agent-api', planDigest, watch, log, probes, every: '10 s', forMs: 30_000, ...rest };
}

const watch = (rest?: Partial<Input>, environment: FindEnvironment = staged.find) =>
  createWatch({ environment })(inputOf(rest));

test('one sample an attempt: without a position the first attempt only opens', async () => {
  const { result, attempts } = await untilDone(() => watch());
  expect(attempts).toBe(4);
  expect(result.summary).toMatchObject({ samples: 3, green: 3, red: 0, missing: 0 });
  expect(result.summary.requests).toBeGreaterThan(15);
  expect(Object.keys(result.summary.worst)).toEqual(staged.plan.watch.map(({ name }) => name));
  expect(result.last.next.canaries).toBe(1);
});

test('with a position it goes on from there, after a first attempt that only waits', async () => {
  const { next: position } = await createTakeSample({ environment: staged.find })(inputOf());
  const { result, attempts } = await untilDone(() => watch({ position }));
  expect(attempts).toBe(4);
  expect(result.summary).toMatchObject({ samples: 3, green: 3 });
});

test('the attempt says when the next one follows, as no failure that anybody need see', async () => {
  const { error, beats } = await asActivity(() => watch());
  expect(error).toMatchObject({
    type: 'NotYet',
    category: 'BENIGN',
    nonRetryable: false,
    nextRetryDelay: 10_000,
    message: '0 of 3 samples, all healthy',
  });
  expect(beats.at(-1)).toMatchObject({ position: { canaries: 1 } });
});

test('part of an interval is a whole one, and there is at least one sample', async () => {
  expect((await untilDone(() => watch({ forMs: 10_001 }))).result.summary.samples).toBe(2);
  expect((await untilDone(() => watch({ forMs: 0 }))).result.summary.samples).toBe(1);
});

test('the first sample that is not green ends it', async () => {
  const opened = await asActivity(() => watch());
  staged.log('ownership_check_failed', { level: 'warning' });
  const second = await asActivity(() => watch(), { details: opened.beats.at(-1) });
  expect(second.result?.summary).toMatchObject({ samples: 1, green: 0, red: 1 });
  expect(second.result?.summary.worst).toMatchObject({ 'ownership failures': 1 });
});

test('an application that is down already when it opens ends it', async () => {
  const down = staged.findWith({}, { url: 'http://127.0.0.1:1' });
  const { result } = await asActivity(() => watch({}, down));
  expect(result?.summary).toMatchObject({ samples: 1, green: 0, red: 1 });
});

test('a log that can not be opened ends it as missing, instead of opening for ever', async () => {
  const blind = staged.findWith({}, { logFile: join(staged.folder, 'nowhere.log') });
  const { result } = await asActivity(() => watch({}, blind));
  expect(result?.summary).toMatchObject({ samples: 1, green: 0, missing: 1 });
});

test('a summary counts verdicts and keeps the worst values', () => {
  const sample = (at: string, value: number): Sample => ({
    at,
    requests: 10,
    readings: [{ rule: 'slow', severity: 'high', value, limit: 500, unit: 'ms' }],
    blind: [],
    broken: [],
    next: { log: {}, canaries: 1 },
  });
  const summary = [sample('a', 400), sample('b', 700), { ...sample('c', 100), blind: ['rotated'] }].reduce(
    (before: ReturnType<typeof addSample> | undefined, each) => addSample(before, each),
    undefined,
  );
  expect(summary).toEqual({
    from: 'a',
    to: 'c',
    samples: 3,
    green: 1,
    red: 1,
    missing: 1,
    requests: 30,
    worst: { slow: 700 },
  });
});

test('on Temporal the state survives from attempt to attempt, and an hour of samples costs few events', async () => {
  const { address, namespace, client, close } = await openTestTemporal();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: 'watching',
    workflowBundle: await workflowBundle(join(__dirname, '../../support/workflows/watch-workflow.ts')),
    activities: { watch: createWatch({ environment: staged.find }) },
  });
  const run = worker.run();
  try {
    const input = inputOf({ every: '100 ms', forMs: 500 });
    const handle = await client.workflow.start('watchOnce', { workflowId: 'w', taskQueue: 'watching', args: [input] });
    const { summary } = (await handle.result()) as Awaited<ReturnType<PerformOfPlan<'watch'>>>;
    expect(summary).toMatchObject({ samples: 5, green: 5 });
    expect((await handle.fetchHistory()).events?.length).toBeLessThan(15);
  } finally {
    worker.shutdown();
    await run;
    await connection.close();
    await close();
  }
});
