import {
  CancellationScope,
  condition,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  type SignalDefinition,
} from '@temporalio/workflow';

/**
 * What is done about each signal, without an end to how many may come. A task that takes too long is done again from its beginning, and
 * takes too long again: some thousands of signals in one would stop a run for good, and keep its worker from starting. So a task takes
 * so many; the others wait with the SDK, which keeps what nobody handles, for the tasks that follow.
 */

/** In one task: a second or so of work on a busy machine (most of it is the SDK's, for the promises of each). */
const mostInATask = 250;

/** One signal, what it does for the dialog of Temporal UI, and for whom it is. */
export interface Heard {
  definition: SignalDefinition<[unknown]>;
  description: string;
  take: (input: unknown) => void;
}

/** Takes these, and any other by its name. */
export function hear(heard: readonly Heard[], takeOther: (name: string, input: unknown) => void): void {
  let taken = 0;
  const isFull = (): boolean => taken >= mostInATask;

  const listen = (): void => {
    for (const { definition, description, take } of heard)
      if (!isFull()) setHandler(definition, (input) => counted(() => take(input)), { description });
    if (!isFull()) setDefaultSignalHandler((name, input) => counted(() => takeOther(name, input)));
  };
  const counted = (take: () => void): void => {
    taken += 1;
    take();
    if (isFull()) stop();
  };
  const stop = (): void => {
    for (const { definition } of heard) setHandler(definition, undefined);
    setDefaultSignalHandler(undefined);
  };

  listen();
  void CancellationScope.nonCancellable(async () => {
    for (;;) {
      await condition(() => taken > 0); // all that came with this task was handed out by now
      const goesOn = isFull();
      if (goesOn) await sleep(1, { summary: 'many messages at once: the next of them' });
      taken = 0;
      if (goesOn) listen();
    }
  });
}
