import { setTimeout as sleep } from 'node:timers/promises';
import type { Facts } from '../../contract/run/facts';
import type { Stage, Story } from './story';

/** The process that does everything dies twice; the rollout goes on where it was. */
export const workerStory: Story = {
  shows: 'the worker is killed (kill -9) in the soak and while approvals are awaited; the rollout continues',
  title: 'shows a crash: the worker is killed in the soak, and again while approvals are awaited',
  ends: 'done',
  leaves: { staging: 'no columns', production: 'no columns' },
  interfere,
  lesson: [
    'Waits, votes and receipts live in Temporal, not in the process: another worker continues where the first one died.',
    'What a killed step has done is checked before it is repeated; the drop happens exactly once.',
  ],
};

const awayMs = 1_500;

function interfere(): (stage: Stage, facts: Facts) => Promise<void> {
  const killed = new Set<string>();
  return async (stage, { soak, waiting }) => {
    const at =
      waiting?.for === 'approval' ? 'while approvals are awaited' : soak && soak.samples > 0 ? 'in the soak' : '';
    if (at === '' || killed.has(at)) return;
    killed.add(at);
    const { worker } = stage.stack;
    const pid = worker.pid;
    await worker.kill();
    stage.tell(`kill -9 ${pid ?? ''}: the worker is gone ${at}`);
    await sleep(awayMs);
    stage.signal.throwIfAborted();
    await worker.restart();
    stage.tell(`another worker is there (${worker.pid ?? ''})`);
  };
}
