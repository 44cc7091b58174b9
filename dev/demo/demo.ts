import { setTimeout as sleep } from 'node:timers/promises';
import { endingText, faultsOf, type Ending } from './ending';
import { expectedEnd } from './expected';
import { follow, type Followed } from './follow';
import { heading, howToWait, linksOf, startFault, stayText } from './heading';
import { untilInterrupted, withInterrupt } from './interrupt';
import { lookAt } from './look';
import { readDemoOptions, type DemoOptions } from './options';
import { playPeople } from './people';
import { interferenceOf, openStage, startRollout, waitForAftercare } from './rollout';
import { openShow, type Show } from './show';
import { startDemoStack } from './stack';
import { stories } from '../stories/stories';
import type { Stage, Story } from '../stories/story';
import { startDemoTraffic, type DemoTraffic } from './traffic';
import type { Stack } from '../stack/stack';

/** `rubicon demo`: one story on a stack of its own. Returns the exit code; `--help` explains them. */
export async function demo(args: string[]): Promise<number> {
  const options = readDemoOptions(args);
  if ('help' in options) {
    process.stdout.write(options.help);
    return 0;
  }
  if ('fault' in options) {
    process.stderr.write(`rubicon demo: ${options.fault}; see npm run demo -- --help\n`);
    return 2;
  }
  const show = openShow(process.stdout);
  return withInterrupt(
    (signal) => perform(options, show, signal),
    () => show.end(),
  );
}

async function perform(options: DemoOptions, show: Show, signal: AbortSignal): Promise<number> {
  const story: Story = stories[options.story];
  show.say(heading(story, show.canvas));
  let stack: Stack;
  try {
    stack = await startDemoStack(options, show, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    process.stderr.write(startFault(error));
    return 1;
  }
  const over = new AbortController();
  const stage: Stage = {
    ...{ stack, tell: (text: string) => show.tell(text), signal: AbortSignal.any([signal, over.signal]) },
    ...openStage(stack),
  };
  const traffic = startDemoTraffic(stack);
  try {
    const ending = await play(story, stage, traffic, options, show);
    show.end();
    const expected = expectedEnd(story, options, ending.followed.result.outcome);
    const faults = faultsOf(expected, ending);
    show.say(endingText(expected.lesson, ending, faults, show.canvas));
    if (options.stay) {
      show.say(stayText(stack));
      await untilInterrupted(signal);
    }
    return exitCodeOf(story, options, ending, faults);
  } finally {
    over.abort();
    show.end();
    await traffic.stop();
    await stack.stop();
  }
}

async function play(
  story: Story,
  stage: Stage,
  traffic: DemoTraffic,
  { wait }: DemoOptions,
  show: Show,
): Promise<Ending> {
  const { stack, signal } = stage;
  const undo = await story.prepare?.(stage);
  try {
    const runId = await startRollout(stage);
    show.say(linksOf(stage, runId, show.canvas));
    if (wait) show.say(howToWait(stage));
    else
      playPeople(stage, story).catch(
        (error: unknown) => signal.aborted || stage.tell(`no one plays: ${String(error)}`),
      );
    const followed = await watch(story, stage, traffic, show);
    const aftercare =
      followed.result.outcome === 'done' ? await waitForAftercare(stage, followed.rollout.run) : undefined;
    await sleep(settleMs, undefined, { signal });
    const looks = {
      staging: await lookAt(stack.environments.staging),
      production: await lookAt(stack.environments.production),
    };
    return { followed, looks, traffic: await traffic.stop(), ...(aftercare !== undefined && { aftercare }) };
  } finally {
    await undo?.();
  }
}

/** Traffic goes on for so long after the end: what was left must serve it. */
const settleMs = 2_000;

async function watch(story: Story, stage: Stage, traffic: DemoTraffic, show: Show): Promise<Followed> {
  const interference = interferenceOf(story, stage);
  return follow(
    stage.client,
    stage.workflowId,
    ({ rollout, rollback }) => {
      interference.check();
      interference.with(rollout);
      show.update([rollout, ...(rollback ? [rollback] : [])], traffic.line());
    },
    stage.signal,
  );
}

function exitCodeOf(story: Story, { wait }: DemoOptions, { followed }: Ending, faults: string[]): number {
  if (faults.length > 0) return 1;
  return wait && followed.result.outcome !== story.ends ? 3 : 0;
}
