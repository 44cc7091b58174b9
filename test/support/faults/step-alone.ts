/**
 * A process of its own that runs one step, told as JSON on standard input: `node -r tsx/cjs step-alone.ts`. Says how it
 * ended, as one line of JSON.
 */
import { text } from 'node:stream/consumers';
import { runStep, type StepOrder } from './fault-steps';

void text(process.stdin).then(async (order) => {
  const { error, type } = await runStep(JSON.parse(order) as StepOrder).then(
    () => ({ error: undefined, type: undefined }),
    (failure: Error & { type?: string }) => ({ error: failure.message, type: failure.type ?? failure.name }),
  );
  process.stdout.write(`${JSON.stringify({ error, type })}\n`);
});
