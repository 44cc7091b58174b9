import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { quietRuntime } from '../servers/quiet-runtime';
import { workflowBundle } from '../servers/servers';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** A run of the namespace with all that Temporal keeps of it. */
export interface Recorded {
  workflowId: string;
  type: string;
  history: History;
}

/** Where tests find the histories of earlier days. */
export const historiesFolder = join(__dirname, '../..', 'histories');

/** One of these, as it was fetched. */
export const readHistory = (file: string): History =>
  historyFromJSON(JSON.parse(gunzipSync(readFileSync(join(historiesFolder, file))).toString('utf8')));

/** Every run of the namespace, locks and leases included. */
export async function recordHistories(client: Client): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    recorded.push({ workflowId, type, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() });
  }
  return recorded;
}

/**
 * All texts of a history and what its payloads hold: what somebody who may read the namespace can find.
 *
 * @throws if it finds no payload: then a look for secrets in it would prove nothing
 */
export function textOf({ history }: { history: unknown }): string {
  const text = JSON.stringify(history); // protobuf's own `toJSON`: bytes are base64
  const payloads = [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  if (payloads.length === 0) throw new Error(`expected payloads in a history, found none in ${text.slice(0, 200)}`);
  return [text, ...payloads].join('\n');
}

/** Fails if today's workflow code does anything else than it did then. */
export async function replay(
  history: unknown,
  workflowId: string,
  bundle?: Awaited<ReturnType<typeof workflowBundle>>,
): Promise<void> {
  quietRuntime();
  await Worker.runReplayHistory({ workflowBundle: bundle ?? (await workflowBundle()) }, history, workflowId);
}

/** With `RUBICON_RECORD=1`: keeps a history for `replay.test.ts`, after a deliberate change of a workflow. */
export function keepHistory(name: string, { history }: Pick<Recorded, 'history'>): void {
  if (process.env['RUBICON_RECORD'] !== '1') return;
  mkdirSync(historiesFolder, { recursive: true });
  writeFileSync(join(historiesFolder, `${name}.json.gz`), gzipSync(historyToJSON(history)));
}
