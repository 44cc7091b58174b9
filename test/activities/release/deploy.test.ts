import { createDeploy } from '../../../activities/release/deploy';
import type { ActionWithCheck, FindEnvironment } from '../../../activities/environment/environment';
import { orderOf } from '../../support/stages/sample-environment';
import { asActivity } from '../../support/looks/as-activity';
import { openPlatformEnvironment, type PlatformEnvironment } from '../../support/stages/staged-environment';

let staged: PlatformEnvironment;
beforeAll(async () => (staged = await openPlatformEnvironment({ release: 'phase2' })));
afterAll(() => staged.close());

const deploy = (serves: 'from' | 'to', environment: FindEnvironment = staged.find) =>
  createDeploy({ environment })({ ...orderOf(staged.plan), serves });

/** Another way to deploy; the rest is as it was. */
const withAction = (action: Partial<ActionWithCheck>): FindEnvironment => {
  const given = staged.environment.application.actions.deploy!;
  return staged.findWith({}, { actions: { deploy: { ...given, ...action } } });
};
const state = async () =>
  (await (await fetch(`${staged.platform.controlUrl}/state`)).json()) as Record<string, unknown>;

test('a release is brought into service and seen there; a second run changes nothing', async () => {
  expect(await deploy('to')).toMatchObject({ release: 'phase3', changed: true });
  const before = await state();
  expect(before.release).toBe('phase3');
  expect(await deploy('to')).toMatchObject({ release: 'phase3', changed: false });
  expect(await state()).toEqual(before);
});

test('two at the same time bring it there once', async () => {
  const both = await Promise.all([deploy('from'), deploy('from')]);
  expect(both.map(({ release }) => release)).toEqual(['phase2', 'phase2']);
  expect((await state()).release).toBe('phase2');
});

test('one that is stopped half-way is finished by the next run', async () => {
  const stop = new AbortController();
  const work = asActivity(() => deploy('to'), { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('the worker stops')), 100);
  expect((await work).error?.message).toBe('the worker stops');
  expect(await deploy('to')).toMatchObject({ release: 'phase3' });
  await deploy('from');
});

test('an action that says no names what it said and what to do, and nothing is told that is secret', async () => {
  const { probeKey } = staged.stage.data;
  const script = `console.log('no such image, key ${probeKey}'); process.exit(4)`;
  await expect(
    deploy('to', withAction({ action: { command: [process.execPath, '-e', script] } })),
  ).rejects.toMatchObject({
    type: 'ActionFailed',
    nonRetryable: true,
    message:
      'expected release "phase3" in staging within 20 s, found: the action "deploy" says: expected exit status 0, found 4; ' +
      'no such image, key ***; bring it about by hand or fix the action "deploy" in the settings, then answer "retry"',
  });
});

test('a release that the plan does not name is brought nowhere', async () => {
  for (const serves of ['phase9', 'constructor', { toString: 'x' }])
    await expect(deploy(serves as 'to')).rejects.toMatchObject({
      type: 'InvalidInput',
      message: expect.stringMatching(
        /^expected "from" or "to", one of the plan's releases, found .*; nothing was changed/,
      ),
    });
});

test('an action that says "done" is not believed: health decides', async () => {
  const lying = withAction({ action: { command: [process.execPath, '-e', ''] }, limitMs: 1_200 });
  await expect(deploy('to', lying)).rejects.toMatchObject({
    type: 'ActionFailed',
    message:
      'expected staging to serve release "phase3" within 1.2 s, found status 200, release "phase2"; ' +
      'deploy it or find out why it does not start, then answer "retry"',
  });
});

test('the release is a variable of a command, not a part of it', async () => {
  const script = `fetch(process.argv[1] + '?release=' + process.env.RUBICON_RELEASE, { method: 'POST' })`;
  const command = [process.execPath, '-e', script, `${staged.platform.controlUrl}/deploy`];
  expect(await deploy('to', withAction({ action: { command } }))).toMatchObject({ changed: true });
});

test('what a person has to do is asked of a person; when it is done, nothing is left to do', async () => {
  const person = withAction({ action: { person: 'deploy it by the pipeline' } });
  await expect(deploy('from', person)).rejects.toMatchObject({
    type: 'ActionFailed',
    message:
      'expected release "phase2" in staging; a person has to do it: deploy it by the pipeline; then answer "retry"',
  });
  await deploy('from');
  expect(await deploy('from', person)).toMatchObject({ changed: false });
});

test('where another release may be on its way its action runs although this one serves, but asks no person', async () => {
  await deploy('from');
  const back = (environment: FindEnvironment) =>
    createDeploy({ environment })({ ...orderOf(staged.plan), serves: 'from', whateverServes: true });
  expect(await back(staged.find)).toMatchObject({ release: 'phase2', changed: true });
  const person = withAction({ action: { person: 'deploy it by the pipeline' } });
  expect(await back(person)).toMatchObject({ release: 'phase2', changed: false });
});

test('without an action it waits for somebody else to do it', async () => {
  const waiting = deploy('to', staged.findWith({}, { actions: {} }));
  await fetch(`${staged.platform.controlUrl}/deploy?release=phase3`, { method: 'POST' });
  expect(await waiting).toMatchObject({ release: 'phase3', changed: true });
});
