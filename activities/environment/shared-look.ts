interface Sharing<T> {
  /** How long a good result is worth being told again. */
  forMs: number;
  isGood: (result: T) => boolean;
}

/**
 * One look for all who ask for the same at the same time or soon after: each of them would start a server of its own.
 * What was not good is looked at again. A caller who is cancelled leaves; the look ends by itself.
 */
export function shareLook<T>(
  { forMs, isGood }: Sharing<T>,
  look: (key: string) => Promise<T>,
): (key: string, signal: AbortSignal) => Promise<T> {
  const looks = new Map<string, { at: number; result: Promise<T> }>();
  const begin = (key: string): Promise<T> => {
    const result = look(key);
    looks.set(key, { at: performance.now(), result });
    const forget = (): boolean => looks.delete(key);
    result.then((found) => isGood(found) || forget(), forget);
    return result;
  };
  return async (key, signal) => {
    signal.throwIfAborted();
    const known = looks.get(key);
    const isFresh = known !== undefined && performance.now() - known.at < forMs;
    return untilAborted(isFresh ? known.result : begin(key), signal);
  };
}

function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
