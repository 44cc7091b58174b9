import { ActivityFailure } from '@temporalio/common';
import { sleep } from '@temporalio/workflow';

/** 10 s to 5 min: each try costs history, and a night must not use it up. */
export const backOffMs = (tries: number): number => Math.min(300_000, 10_000 * 1.3 ** (tries - 1));

/** For what decides how a run goes on, and must not be guessed. */
export async function lookUntilKnown<T>(look: () => Promise<T>, question: string): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      await sleep(backOffMs(tries), { summary: `${question} look again` });
    }
  }
}
