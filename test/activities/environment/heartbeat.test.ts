import { cancellation, heartbeat, lastHeartbeat, withHeartbeat } from '../../../activities/environment/heartbeat';
import { asActivity } from '../../support/looks/as-activity';
import { until } from '../../support/looks/until';

test('outside of an activity work runs as a plain function', async () => {
  heartbeat({ nothing: 'happens' });
  expect(lastHeartbeat()).toBeUndefined();
  expect(cancellation().aborted).toBe(false);
  await expect(withHeartbeat(async (signal) => signal.aborted)).resolves.toBe(false);
});

test('work beats at once, and again while it runs', async () => {
  let beatsSeen = 0;
  const attempt = await asActivity(() =>
    withHeartbeat(
      () => until(() => beatsSeen >= 2),
      () => (beatsSeen += 1),
    ),
  );
  expect(attempt.error).toBeUndefined();
  expect(attempt.beats).toEqual([1, 2]);
});

test('beats without details keep the progress that the last attempt left', async () => {
  const details = { done: 3 };
  const attempt = await asActivity(() => withHeartbeat(async () => lastHeartbeat()), { details });
  expect(attempt.result).toEqual(details);
  expect(attempt.beats).toEqual([details]);
});

test('no beat comes after the work has ended', async () => {
  const attempt = await asActivity(() => withHeartbeat(() => Promise.reject(new Error('broken'))));
  const { length } = attempt.beats;
  await until(() => new Promise((resolve) => setTimeout(() => resolve(true), 1_100)));
  expect(attempt.beats).toHaveLength(length);
  expect(attempt.error).toEqual(new Error('broken'));
});

test('a cancelled attempt does not begin its work', async () => {
  const cancelled = new Error('cancelled by the workflow');
  let began = false;
  const attempt = await asActivity(() => withHeartbeat(async () => (began = true)), {
    signal: AbortSignal.abort(cancelled),
  });
  expect(attempt.error).toBe(cancelled);
  expect(began).toBe(false);
});
