import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from './servers';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** A run of the namespace with all that Temporal keeps of it. */
export interface Recorded {
  workflowId: string;
  type: string;
  history: History;
}

/** Where `replay.test.ts` finds the histories of earlier days. */
export const historiesFolder = join(__dirname, '..', 'histories');

/** Every run of the namespace, locks and leases included. */
export async function recordHistories(client: Client): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    recorded.push({ workflowId, type, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() });
  }
  return recorded;
}

/** All texts of a history, payloads decoded: what somebody who may read the namespace can find. */
export const textOf = ({ history }: Pick<Recorded, 'history'>): string =>
  JSON.stringify(history, (_, value: unknown) => {
    // Not instanceof: under jest these come from another realm.
    if (ArrayBuffer.isView(value))
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
    const buffer = value as { type?: unknown; data?: number[] } | null;
    return buffer?.type === 'Buffer' && buffer.data ? Buffer.from(buffer.data).toString('utf8') : value;
  });

/** Fails if today's workflow code does anything else than it did then. */
export async function replay(history: unknown, workflowId: string): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
}

/** With `RUBICON_RECORD=1`: keeps a history for `replay.test.ts`, after a deliberate change of a workflow. */
export function keepHistory(name: string, { history }: Pick<Recorded, 'history'>): void {
  if (process.env['RUBICON_RECORD'] !== '1') return;
  mkdirSync(historiesFolder, { recursive: true });
  writeFileSync(join(historiesFolder, `${name}.json`), `${JSON.stringify(historyToJSON(history))}\n`);
}
