import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Facts } from '../../../contract/run/facts';
import { roles, taskQueues, type Role } from '../../../contract/run/names';
import { stepLabel } from '../../../contract/run/step-names';
import { loadSettings } from '../../../worker/settings/settings';
import { activitiesOf } from '../../../worker/wiring';
import { stepIdOf } from '../looks/step-id';
import type { RolloutStage } from '../stages/rollout-stage';
import { workflowBundle } from '../servers/servers';

/** Where a run is stopped: in the first activity that its step does, unless one is named. */
export interface HaltOrder {
  step: string;
  activity?: string;
  /** `after`: its effect is there, and nobody knows yet. Default `before`. */
  moment?: 'before' | 'after';
}

export interface Halt {
  reached: Promise<void>;
  go(): void;
}

/** Workers with the real activities, which stop once where a test wants it, as if the machine had stopped there. */
export interface HaltingWorkers {
  /** The next activity of this step that fits halts until `go()`, or until it is cancelled. */
  halt(order: HaltOrder): Halt;
  close(): Promise<void>;
}

type Activity = (input: unknown) => Promise<unknown>;

export async function startHaltingWorkers(stage: RolloutStage): Promise<HaltingWorkers> {
  const connection = await NativeConnection.connect({ address: stage.address });
  const { file, env } = stage.settings;
  const settings = loadSettings({ roles, file, env: { ...process.env, ...env } });
  const open = openHalts(stage);
  const bundle = await workflowBundle();
  const worker = (role: Role): Promise<Worker> => {
    const activities = activitiesOf(role, settings, stage.client) as Record<string, Activity>;
    return Worker.create({
      ...{ connection, namespace: stage.namespace, taskQueue: taskQueues[role] },
      shutdownGraceTime: '30 s',
      maxHeartbeatThrottleInterval: '1 s', // a cancellation arrives through heartbeats
      activities: role === 'control' ? activities : open.halting(activities),
      ...(role === 'control' && { workflowBundle: bundle, stickyQueueScheduleToStartTimeout: '2 s' }),
    });
  };
  const workers = await Promise.all(roles.map(worker));
  const running = workers.map((each) => each.run());
  return {
    halt: open.halt,
    async close() {
      open.clear();
      workers.forEach((each) => each.shutdown());
      await Promise.allSettled(running);
      await connection.close();
    },
  };
}

interface Armed extends HaltOrder {
  hold(): Promise<void>;
  go(): void;
}

function openHalts(stage: RolloutStage) {
  let armed: Armed | undefined;
  const take = async (activity: string, moment: 'before' | 'after'): Promise<Armed | undefined> => {
    const wanted = armed;
    if (wanted === undefined || (wanted.moment ?? 'before') !== moment) return undefined;
    if (wanted.activity !== undefined && wanted.activity !== activity) return undefined;
    if ((await runningStep(stage)) !== wanted.step || armed !== wanted) return undefined;
    armed = undefined;
    return wanted;
  };
  const halting = (name: string, activity: Activity): Activity =>
    async function halted(input) {
      await (await take(name, 'before'))?.hold();
      const result = await activity(input);
      // One that is cancelled here has finished in spite of it, as real ones do.
      await (await take(name, 'after'))?.hold().catch(() => undefined);
      return result;
    };
  return {
    halting: (activities: Record<string, Activity>): Record<string, Activity> =>
      Object.fromEntries(Object.entries(activities).map(([name, each]) => [name, halting(name, each)])),
    halt(order: HaltOrder): Halt {
      if (stepLabel(stepIdOf(order.step)) !== order.step)
        throw new Error(`expected the label of a step, found "${order.step}": it would be waited for in vain`);
      let go = (): void => undefined;
      const released = new Promise<void>((resolve) => (go = resolve));
      const reached = new Promise<void>((resolve) => {
        armed = { ...order, go, hold: () => (resolve(), heldUntil(released)) };
      });
      return { reached, go };
    },
    clear: () => void (armed = undefined),
  };
}

/** Lives, as far as Temporal can see, and hears of a cancellation. */
async function heldUntil(released: Promise<void>): Promise<void> {
  const context = Context.current();
  const beats = setInterval(() => context.heartbeat(), 500);
  try {
    await Promise.race([released, context.cancelled]);
  } finally {
    clearInterval(beats);
  }
}

async function runningStep({ client }: RolloutStage): Promise<string | undefined> {
  const { workflowExecution } = Context.current().info;
  const facts = await client.workflow
    .getHandle(workflowExecution?.workflowId ?? '')
    .query<Facts>('status')
    .catch(() => undefined); // a lease has no steps
  return facts?.steps.findLast(({ state }) => state === 'running')?.name;
}
