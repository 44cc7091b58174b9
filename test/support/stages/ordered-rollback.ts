import type { WorkflowHandle } from '@temporalio/client';
import type { Facts } from '../../../contract/run/facts';
import type { RolloutResult } from '../../../contract/run/outcome';
import type { RolloutStage } from './rollout-stage';

let ordered = 0;

/** Orders a rollback as somebody on call does in Temporal UI: of a rollout that may still be at work. */
export function orderRollback({ client }: RolloutStage, { workflowId }: WorkflowHandle): Promise<WorkflowHandle> {
  ordered += 1;
  return client.workflow.start('rollback', {
    ...{ taskQueue: 'rubicon', workflowId: `${workflowId}/rollback-${ordered}` },
    args: [{ rollout: workflowId, requestedBy: 'maria', reason: 'clients report 401' }],
  });
}

/** Waits until it has ended or asks for an approval; then `go`, approve, and wait for its end. */
export async function approvedToItsEnd(
  stage: RolloutStage,
  back: WorkflowHandle,
  go: () => void = () => undefined,
): Promise<RolloutResult> {
  const { outcome } = await stage.until(back, asksOrHasEnded);
  go();
  if (outcome === undefined) await approve(stage, back);
  return stage.resultOf(back);
}

/** Several rollbacks may ask the same person, so that each of their newest codes may be the right one. */
async function approve(stage: RolloutStage, back: WorkflowHandle): Promise<void> {
  const { gates } = await back.query<Facts>('status');
  const acceptLoss = gates.at(-1)?.purpose === 'accept-loss';
  for (const person of gates.at(-1)?.told ?? []) {
    const { waiting } = await back.query<Facts>('status');
    if (waiting?.for !== 'approval') return;
    const because: string[] = [];
    for (const code of stage.codesOf(person as Parameters<RolloutStage['codeOf']>[0]).toReversed()) {
      const answer = await stage.decide(back, 'approve', { code, acceptLoss });
      because.push(answer.accepted ? 'accepted' : answer.because);
      if (answer.accepted) break;
    }
    if (because.at(-1) !== 'accepted') throw new Error(`${person}: ${because.join('; ') || 'no code'}`);
  }
}

const asksOrHasEnded = ({ waiting, outcome }: Facts): boolean => waiting?.for === 'approval' || outcome !== undefined;
