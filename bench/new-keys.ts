import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createBackup } from '../activities/backup/backup';
import { createDrop } from '../activities/removal/drop';
import { createFinalCopy } from '../activities/removal/final-copy';
import { createFreeze } from '../activities/removal/freeze';
import { createHide } from '../activities/removal/hide';
import { createProveBackup } from '../activities/rehearsal/prove-backup';
import { decide } from '../test/support/stages/decided';
import type { StepOrder } from '../test/support/faults/fault-steps';
import {
  approveNewKeys,
  loseCopies,
  newCustodian,
  openDistribution,
  renewing,
  type Custodian,
} from '../test/support/stages/without-copies';
import type { SampleEnvironment } from '../test/support/stages/sample-environment';
import { aimsText, type Aim } from './aims';
import { openBenchEnvironment, type BenchEnvironment } from './bench-environment';
import { markdownTable } from './markdown-table';
import { tried } from '../test/support/stages/tried';

/**
 * How long does it take to give 10,000 owners a new key each, when copy and backup are lost, and is it ever half done? The
 * process that does it is killed again and again, at random moments; after each kill every row is looked at.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, kills: { type: 'string' } } });
  const [rows, kills] = [Number(values.rows ?? 1_000_000), Number(values.kills ?? 5)];
  const bench = await openBenchEnvironment(rows, {}, 'production');
  const carla = await newCustodian();
  try {
    await dropped(bench, carla);
    loseCopies(bench.environment);
    const startedAt = performance.now();
    const order = await sealedAndOpened(bench, carla);
    const sealedMs = performance.now() - startedAt;
    const seen: Seen[] = [];
    let ms = 0;
    for (let kill = 1; kill <= kills; kill += 1) {
      ms += await runFor(order, 2_500 + Math.random() * 4_000);
      seen.push(await look(bench));
      console.error(`killed ${kill} of ${kills}: ${seen.at(-1)?.renewed} owners done`);
    }
    ms += await runFor(order);
    seen.push(await look(bench));
    console.log(report(seen, { rows, kills, sealedMs, ms }));
  } finally {
    carla.close();
    await bench.close();
  }
}

async function dropped({ environment, order }: BenchEnvironment, { who }: Custodian): Promise<void> {
  const deps = { environment: () => environment, electorate: who };
  const decided = await decide(environment, order, { name: 'production', expiresAt: inADay() }, who);
  const approved = { ...order, decision: decided.decision };
  const { id: backup } = await createBackup(deps)(order);
  await createProveBackup(deps)({ run: order.run, id: backup });
  const { id: freeze } = await createFreeze(deps)(approved);
  const { id: copy } = await createFinalCopy(deps)({ ...approved, freeze });
  await createHide(deps)({ ...approved, copy });
  await tried(environment, order);
  await createDrop(deps)({ ...approved, backup, copy });
}

const inADay = (): string => new Date(Date.now() + 86_400_000).toISOString();

/** What a process of its own is given to fill the columns. */
async function sealedAndOpened(bench: BenchEnvironment, carla: Custodian): Promise<StepOrder> {
  const { environment, order } = bench;
  const stage = { environment, find: () => environment } as unknown as SampleEnvironment;
  const { sealNewKeys, restoreRemoved } = renewing(stage, carla);
  const asked = await approveNewKeys(stage, { ...order, backup: '' }, carla);
  const { input } = await openDistribution(stage, asked, await sealNewKeys(asked), carla);
  await restoreRemoved(input);
  const memory = { ...order, backup: '', freeze: '', copy: '', verbs: input };
  return { step: 'refillRemoved', environment, electorate: carla.who, memory };
}

/** Milliseconds until it had ended, by itself or killed after `limitMs`. */
async function runFor(order: StepOrder, limitMs?: number): Promise<number> {
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', join(__dirname, '../test/support/faults/step-alone.ts')], {
    cwd: join(__dirname, '..'),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.end(JSON.stringify(order));
  const startedAt = performance.now();
  if (limitMs !== undefined) void rest(limitMs).then(() => child.kill('SIGKILL'));
  await ended;
  if (limitMs === undefined && child.exitCode !== 0) throw new Error(`ended with ${child.exitCode}`);
  return performance.now() - startedAt;
}

interface Seen {
  renewed: number;
  /** Rows whose key and hash do not belong together. */
  inconsistent: number;
  /** Owners of whom some rows have the old hash and some the new one. */
  halves: number;
  /** Distinct keys of renewed rows, less the number of renewed owners. */
  surplus: number;
}

async function look({ query }: BenchEnvironment): Promise<Seen> {
  await rest(500); // the server notices that its client is gone
  const [row] = await query(`
    select (select count(*)::int from rubicon.new_hash) as renewed,
           (select count(*)::int from sessions where owner_api_key is not null
             and owner_api_key_hash is distinct from encode(sha256(convert_to(owner_api_key, 'UTF8')), 'hex')) as inconsistent,
           (select count(*)::int from rubicon.new_hash n where exists (select from sessions where owner_api_key_hash = n.old_hash)
             and exists (select from sessions where owner_api_key_hash = n.new_hash)) as halves,
           (select count(distinct owner_api_key)::int from sessions) - (select count(*)::int from rubicon.new_hash) as surplus`);
  return row as unknown as Seen;
}

function report(
  seen: Seen[],
  { rows, kills, sealedMs, ms }: { rows: number; kills: number; sealedMs: number; ms: number },
): string {
  const last = seen.at(-1);
  const table = markdownTable(
    [`${rows.toLocaleString('en')} rows`, 'owners done', 'inconsistent rows', 'owners half done', 'surplus keys'],
    seen.map(({ renewed, inconsistent, halves, surplus }, at) => [
      at < kills ? `after kill ${at + 1}` : 'at the end',
      ...[renewed, inconsistent, halves, surplus].map(String),
    ]),
  );
  const isWhole = seen.every(({ inconsistent, halves, surplus }) => inconsistent + halves + surplus === 0);
  const aims: Aim[] = [
    ['0 rows inconsistent and no owner half done, at each kill', isWhole],
    [`resumed until all had one key each: ${last?.renewed} owners`, last?.renewed === 10_000],
  ];
  const took = `Drawn, sealed and opened in ${(sealedMs / 1_000).toFixed(1)} s; rows changed in ${(ms / 1_000).toFixed(1)} s, with ${kills} kills.`;
  return `${table}\n\n${took}\n\n${aimsText(aims)}`;
}

void main();
