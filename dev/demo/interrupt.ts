const interrupted = 130;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm hands on the Ctrl-C that the terminal has sent already: within this time it is the same one. */
const sameForMs = 1_000;

/**
 * Runs a program that ends what it has started when its signal is aborted: by Ctrl-C, or by whoever ends us. A second
 * Ctrl-C ends it at once; watchdogs then do the rest.
 *
 * @param atOnce what must not wait for that end, e.g. to show the cursor again
 * @returns its exit code; 130 if it was interrupted, 1 if it failed, which is told
 */
export async function withInterrupt(
  work: (signal: AbortSignal) => Promise<number>,
  atOnce: () => void,
): Promise<number> {
  const controller = new AbortController();
  let firstAtMs = 0;
  const interrupt = (): void => {
    if (firstAtMs !== 0 && Date.now() - firstAtMs > sameForMs) process.exit(interrupted);
    if (firstAtMs !== 0) return;
    firstAtMs = Date.now();
    atOnce();
    process.stderr.write('\n  interrupted: stopping everything that was started …\n');
    controller.abort();
  };
  for (const signal of signals) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) return interrupted;
    process.stderr.write(`\n  The demo could not continue: ${causes(error).join(': ')}\n`);
    return 1;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

/** What an error says, and what the ones below it say: Temporal's own hide the reason there. */
function causes(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.message, ...(error.cause === undefined ? [] : causes(error.cause))];
}

/** Waits until somebody ends it. */
export const untilInterrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const alive = setInterval(() => undefined, 60_000); // nothing else may keep the process alive
    const over = (): void => {
      clearInterval(alive);
      resolve();
    };
    signal.addEventListener('abort', over, { once: true });
  });
