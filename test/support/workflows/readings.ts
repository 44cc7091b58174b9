import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Opened } from '../../../contract/activities/gate-activities';
import type { OpenGate } from '../../../contract/run/decisions';
import type { Facts } from '../../../contract/run/facts';
import type { GateEvidence, GatePlan } from '../../../contract/run/gate-evidence';

/** What a gate of a real run was opened with, and what its run said of itself meanwhile: the facts behind what people read. */
export interface Reading {
  gate: OpenGate;
  evidence: GateEvidence;
  plan: GatePlan;
  /** As the query `status` answered, without what is not shown: findings, receipts, measures. */
  facts: Facts;
}

/** Where `gates.test.ts` finds them, with what people read beside each. */
export const readingsFolder = join(__dirname, '../../report/gates');

export const readingNames = (): string[] =>
  readdirSync(readingsFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''))
    .sort();

export const readReading = (name: string): Reading =>
  JSON.parse(readFileSync(join(readingsFolder, `${name}.json`), 'utf8')) as Reading;

/** The newest gate of a run that waits for an approval or an answer. */
export async function readingOf(handle: WorkflowHandle): Promise<Reading> {
  const facts = await handle.query<Facts>('status');
  const gate = facts.gates.at(-1);
  const { shown: evidence } = (await openings(handle)).findLast((each) => each.challenge === gate?.challenge) ?? {};
  if (gate === undefined || evidence === undefined || facts.plan === undefined)
    throw new Error(`expected an open gate of ${handle.workflowId}, found none`);
  const { name, does } = facts.plan;
  return { gate, evidence, plan: { name, does }, facts: shownOf(facts) };
}

/** With `RUBICON_RECORD_READINGS=1`: keeps one for `gates.test.ts`, after a deliberate change of what is shown. */
export function keepReading(name: string, reading: Reading): void {
  if (process.env['RUBICON_RECORD_READINGS'] !== '1') return;
  writeFileSync(join(readingsFolder, `${name}.json`), `${JSON.stringify(reading, null, 2)}\n`);
}

/** What the activity has answered, from the history: what people were shown is the production worker's. */
async function openings(handle: WorkflowHandle): Promise<Opened[]> {
  const { events = [] } = await handle.fetchHistory();
  const all = events ?? [];
  return all.flatMap(({ activityTaskCompletedEventAttributes: completed }) => {
    const scheduled = all.find(({ eventId }) => completed && String(eventId) === String(completed.scheduledEventId));
    const data = completed?.result?.payloads?.[0]?.data;
    const isOpening = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name === 'openGate';
    return isOpening && data != null ? [JSON.parse(Buffer.from(data).toString('utf8')) as Opened] : [];
  });
}

function shownOf({ baseline: _, monitor: __, trial: ___, ...facts }: Facts): Facts {
  return {
    ...facts,
    steps: facts.steps.map((step) => ({ ...step, findings: [] })),
    environments: { staging: {}, production: {} },
    decisions: [],
    votes: [],
  };
}
