/** What was started together and ends together. */
export interface Started {
  /** Waits for a start, and remembers how to end it. After `end` it ends at once what was still starting, and throws. */
  keep<T>(starting: Promise<T>, end: (started: T) => Promise<unknown>): Promise<T>;
  /** Ends everything at the same time, also what is only starting. What fails to end is left to its watchdog. */
  end(): Promise<void>;
}

/** Whatever was started ends, however far the start of the others has come. */
export function openStarted(): Started {
  const ends: (() => Promise<unknown>)[] = [];
  const starting = new Set<Promise<unknown>>();
  let ended = false;

  const keep = async <T>(start: Promise<T>, end: (started: T) => Promise<unknown>): Promise<T> => {
    const started = await start;
    if (!ended) {
      ends.push(() => end(started));
      return started;
    }
    await end(started);
    throw new Error('interrupted while it was starting');
  };
  return {
    keep(start, end) {
      const kept = keep(start, end);
      starting.add(kept);
      const forget = (): boolean => starting.delete(kept);
      kept.then(forget, forget);
      return kept;
    },
    async end() {
      ended = true;
      await Promise.allSettled([...ends.splice(0).map((end) => end()), ...starting]);
    },
  };
}
