import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client as Postgres } from 'pg';
import type { RolloutResult } from '../contract/run/outcome';
import { playPeople } from '../dev/demo/people';
import { openStage, startRollout } from '../dev/demo/rollout';
import { stories } from '../dev/stories/stories';
import type { Stage } from '../dev/stories/story';
import { startStack, type Stack } from '../dev/stack/stack';
import { startTraffic } from '../dev/sample-platform/traffic';
import { aimsText } from './aims';
import { markdownTable } from './markdown-table';

/** What the clients of production have seen from before the change until after it. */
interface Seen {
  seconds: number;
  requests: number;
  failed: number;
  turnedAway: number;
}

/**
 * How many requests fail while the keys of the sample application are dropped under steady traffic? Those that are turned
 * away in maintenance are counted apart. Beside a whole rollout: columns dropped first and the release changed after it,
 * as an entry point does that migrates by itself.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rate: { type: 'string' } } });
  const ratePerSecond = Number(values.rate ?? 20);
  const ways = { 'Rubicon, a whole rollout': rollout, 'drop, then the new release': migrateAtStart };
  const seen: Record<string, Seen> = {};
  for (const [way, change] of Object.entries(ways)) {
    console.error(way);
    seen[way] = await underTraffic(change, ratePerSecond);
  }
  const lines = Object.entries(seen).map(([way, { seconds, requests, failed, turnedAway }]) => [
    ...[way, `${seconds.toFixed(0)} s`, `${requests}`, `${failed}`, `${turnedAway}`],
  ]);
  const head = [`${ratePerSecond} requests a second`, 'lasted', 'requests', 'failed', 'turned away in maintenance'];
  const { failed = NaN } = seen['Rubicon, a whole rollout'] ?? {};
  console.log(
    `${markdownTable(head, lines)}\n\n${aimsText([[`none fails outside maintenance: ${failed}`, failed === 0]])}`,
  );
}

type Change = (stack: Stack) => Promise<unknown>;

async function underTraffic(change: Change, ratePerSecond: number): Promise<Seen> {
  const durations = {
    soak: '5 s',
    soakEvery: '1 s',
    trial: '10 s',
    monitor: '10 s',
    monitorEvery: '1 s',
    announceAhead: '1 s',
  };
  const stack = await startStack({ durations, minimumSoak: '5 s' });
  try {
    const { platform, data } = stack.environments.production;
    const traffic = startTraffic({ frontUrl: platform.frontUrl, keys: data.keys.slice(2), ratePerSecond });
    const startedAt = performance.now();
    await rest(2_000);
    await change(stack);
    await rest(5_000);
    const { requests, failed, failedDuringMaintenance: turnedAway } = await traffic.stop();
    return { seconds: (performance.now() - startedAt) / 1_000, requests, failed, turnedAway };
  } finally {
    await stack.stop();
  }
}

async function rollout(stack: Stack): Promise<void> {
  const over = new AbortController();
  const stage: Stage = { ...openStage(stack), stack, tell: (text) => console.error(text), signal: over.signal };
  const people = playPeople(stage, stories.usual).catch(() => undefined);
  try {
    await startRollout(stage);
    const result = (await stage.client.workflow.getHandle(stage.workflowId).result()) as RolloutResult;
    if (result.outcome !== 'done') throw new Error(`expected "done", found ${JSON.stringify(result)}`);
  } finally {
    over.abort();
    await people;
  }
}

async function migrateAtStart({ environments }: Stack): Promise<void> {
  const { platform, postgresUrl } = environments.production;
  const client = new Postgres({ connectionString: postgresUrl });
  await client.connect();
  for (const table of ['sessions', 'assistants']) await client.query(`alter table ${table} drop column owner_api_key`);
  await client.end();
  await fetch(`${platform.controlUrl}/deploy?release=phase3`, { method: 'POST' });
}

void main();
