import { shareLook } from '../../../activities/environment/shared-look';

const never = new AbortController().signal;

function openLooks(results: (string | Error)[]) {
  let looks = 0;
  const look = shareLook({ forMs: 60_000, isGood: (found: string) => found === 'good' }, async (key: string) => {
    looks += 1;
    const result = results.shift();
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (result instanceof Error) throw result;
    return key === 'other' ? 'other' : (result ?? 'nothing');
  });
  return { look, count: () => looks };
}

test('those who ask at the same time or soon after get one look, each key its own', async () => {
  const { look, count } = openLooks(['good', 'good']);
  expect(await Promise.all([look('key', never), look('key', never)])).toEqual(['good', 'good']);
  expect(await look('key', never)).toBe('good');
  expect(count()).toBe(1);
  expect(await look('other', never)).toBe('other');
  expect(count()).toBe(2);
});

test('what was not good, or failed, is looked at again', async () => {
  const { look, count } = openLooks(['bad', new Error('broken'), 'good']);
  expect(await look('key', never)).toBe('bad');
  await expect(look('key', never)).rejects.toThrow('broken');
  expect(await look('key', never)).toBe('good');
  expect(count()).toBe(3);
});

test('whoever is cancelled leaves, and the others hear of it all the same', async () => {
  const { look, count } = openLooks(['good']);
  const aborter = new AbortController();
  const cancelled = look('key', aborter.signal);
  const other = look('key', never);
  aborter.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  await expect(look('key', aborter.signal)).rejects.toThrow('cancelled');
  expect(await other).toBe('good');
  expect(count()).toBe(1);
});
