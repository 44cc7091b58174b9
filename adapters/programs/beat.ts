const beatEveryMs = 1_000;

/**
 * Calls `beat` every second while `work` runs, so that a caller that waits for a long piece of work can tell that it is
 * alive. What `beat` throws is passed over: a report that fails must not end the work.
 */
export async function withBeat<T>(beat: (() => void) | undefined, work: () => Promise<T>): Promise<T> {
  if (beat === undefined) return work();
  const timer = setInterval(() => {
    try {
      beat();
    } catch {
      // see above
    }
  }, beatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
