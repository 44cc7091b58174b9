import { asyncLocalStorage, type Context } from '@temporalio/activity';

/** What an activity's attempt did, besides what it returned. */
export interface Attempt<T> {
  result?: T;
  error?: Error & { type?: string };
  /** Details of every beat, in order. */
  beats: unknown[];
}

/**
 * Runs one attempt of an activity in a context as a worker gives it, without a server.
 *
 * @param details what the last attempt's heartbeat left behind
 * @param asker the run that asks for it
 */
export async function asActivity<T>(
  work: () => Promise<T>,
  {
    details,
    signal = new AbortController().signal,
    asker,
  }: { details?: unknown; signal?: AbortSignal; asker?: { workflowId: string; runId: string } } = {},
): Promise<Attempt<T>> {
  const beats: unknown[] = [];
  const context = {
    info: { heartbeatDetails: details, workflowExecution: asker },
    cancellationSignal: signal,
    heartbeat: (beat: unknown) => void beats.push(beat),
  };
  try {
    return { result: await asyncLocalStorage.run(context as unknown as Context, work), beats };
  } catch (error) {
    return { error: error as Error, beats };
  }
}

/** Runs attempt after attempt, as Temporal does, until the activity returns. */
export async function untilDone<T>(
  work: () => Promise<T>,
  mostAttempts = 50,
): Promise<{ result: T; attempts: number }> {
  let details: unknown;
  for (let attempts = 1; attempts <= mostAttempts; attempts += 1) {
    const attempt = await asActivity(work, { details });
    if (attempt.error === undefined) return { result: attempt.result as T, attempts };
    if (attempt.error.type !== 'NotYet') throw attempt.error;
    details = attempt.beats.at(-1);
  }
  throw new Error(`expected an end within ${mostAttempts} attempts`);
}
