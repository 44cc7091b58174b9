import { openStarted } from '../../../dev/stack/started';

/** A start that succeeds or fails when the test says so. */
function starting<T>() {
  let succeed: (value: T) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  return { promise, succeed, fail };
}

test('what was started is ended once', async () => {
  const started = openStarted();
  const ended: string[] = [];
  const end = async (name: string) => void ended.push(name);
  await Promise.all(['a', 'b'].map((name) => started.keep(Promise.resolve(name), end)));
  await started.end();
  await started.end();
  expect(ended.sort()).toEqual(['a', 'b']);
});

test('what is only starting is ended as soon as it is there, and its starter hears of it', async () => {
  const started = openStarted();
  const server = starting<string>();
  const ended: string[] = [];
  const keeping = started.keep(server.promise, async (name) => void ended.push(name));
  keeping.catch(() => undefined);
  const ending = started.end();
  server.succeed('late');
  await ending;
  expect(ended).toEqual(['late']);
  await expect(keeping).rejects.toThrow('interrupted');
});

test('a start or an end that fails does not keep the others from ending', async () => {
  const started = openStarted();
  const server = starting<string>();
  const ended: string[] = [];
  await started.keep(Promise.resolve('a'), () => Promise.reject(new Error('will not end')));
  await started.keep(Promise.resolve('b'), async (name) => void ended.push(name));
  const keeping = started.keep(server.promise, () => Promise.resolve());
  const ending = started.end();
  server.fail(new Error('will not start'));
  await ending;
  expect(ended).toEqual(['b']);
  await expect(keeping).rejects.toThrow('will not start');
});
