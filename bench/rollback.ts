import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createBackup } from '../activities/backup/backup';
import { createDrop } from '../activities/removal/drop';
import { createRefillRemoved } from '../activities/rollback/refill-removed';
import { createFinalCopy } from '../activities/removal/final-copy';
import { createFinishRestore } from '../activities/rollback/finish-restore';
import { createFreeze } from '../activities/removal/freeze';
import { createHide } from '../activities/removal/hide';
import { createProveBackup } from '../activities/rehearsal/prove-backup';
import { createRestoreRemoved } from '../activities/rollback/restore-removed';
import { createUnhide } from '../activities/removal/unhide';
import { unguardStatements } from '../sql/write-guard';
import { obstacles } from '../contract/run/findings';
import type { RestoreInput } from '../contract/activities/effect-inputs';
import { aimsText, type Aim } from './aims';
import { openBenchEnvironment, type BenchEnvironment } from './bench-environment';
import { markdownTable } from './markdown-table';
import { inTurns, median } from './rounds';
import type { WriterWaits } from './writer-watcher';

/** One way back, from a dropped column to one that has values. */
interface WentBack extends WriterWaits {
  ms: number;
  /** Rows whose key is the one that its hash was made of, of those with a hash. */
  right: number;
  of: number;
}

/**
 * What is a rollback worth, and what does it cost others? Ours fills the restored column from the final copy; beside it
 * the written runbook, which gives every row a new key in one statement. The application's trigger sets `updated_at`.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, rounds: { type: 'string' } } });
  const [rows, rounds] = [Number(values.rows ?? 1_000_000), Number(values.rounds ?? 3)];
  const bench = await openBenchEnvironment(rows);
  try {
    await bench.query(
      `create function touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$`,
    );
    await bench.query('create trigger touch before update on sessions for each row execute function touch()');
    const hidden = await hideAndBack(bench);
    const input = await dropped(bench);
    const runs = await inTurns({ Rubicon: () => ours(bench, input), 'written runbook': () => byHand(bench) }, rounds);
    console.log(report(runs, hidden, rows, rounds));
  } finally {
    await bench.close();
  }
}

/** How long everybody waits while hidden columns get their names back. */
async function hideAndBack({ environment, order }: BenchEnvironment): Promise<number> {
  const deps = { environment: () => environment };
  const { id: freeze } = await createFreeze(deps)(order);
  const { id: copy } = await createFinalCopy(deps)({ ...order, freeze });
  await createHide(deps)({ ...order, copy });
  const startedAt = performance.now();
  await createUnhide(deps)(order);
  return performance.now() - startedAt;
}

/** Through all of a rollout's effects; what its way back is given. */
async function dropped({ environment, order }: BenchEnvironment): Promise<RestoreInput> {
  const deps = { environment: () => environment };
  const { id: backup } = await createBackup(deps)(order);
  await createProveBackup(deps)({ run: order.run, id: backup });
  const { id: freeze } = await createFreeze(deps)(order);
  const { id: copy } = await createFinalCopy(deps)({ ...order, freeze });
  await createHide(deps)({ ...order, copy });
  await createDrop(deps)({ ...order, backup, copy });
  return { ...order, rollout: order.run, backup, copy };
}

async function ours(bench: BenchEnvironment, input: RestoreInput): Promise<WentBack> {
  const deps = { environment: () => bench.environment };
  await createRestoreRemoved(deps)(input);
  const waited = await whileWritten(bench, () => createRefillRemoved(deps)(input));
  const against = obstacles(await createFinishRestore(deps)(input));
  if (against.length > 0) throw new Error(JSON.stringify(against));
  const counts = await count(bench, 'owner_api_key_hash');
  for (const { sql } of unguardStatements(bench.order.plan)) await bench.query(sql);
  await bench.query('alter table sessions drop column owner_api_key');
  await bench.query('vacuum full sessions'); // the same start for everybody
  return { ...waited, ...counts };
}

/** As its downgrade builds them: column and index first. */
async function byHand(bench: BenchEnvironment): Promise<WentBack> {
  await bench.query('alter table sessions add column owner_api_key varchar(255)');
  await bench.query('create index idx_sessions_owner_api_key on sessions (owner_api_key)');
  const waited = await whileWritten(bench, () =>
    bench.query('update sessions set owner_api_key = gen_random_uuid() where owner_api_key_hash is not null'),
  );
  const counts = await count(bench, 'owner_api_key_hash');
  await bench.query('alter table sessions drop column owner_api_key');
  await bench.query('vacuum full sessions');
  return { ...waited, ...counts };
}

async function count({ query }: BenchEnvironment, hash: string): Promise<{ right: number; of: number }> {
  const [row] = await query(
    `select count(*) filter (where ${hash} = encode(sha256(convert_to(owner_api_key, 'UTF8')), 'hex'))::float8 as right,
            count(${hash})::float8 as of from sessions`,
  );
  return { right: Number(row?.['right']), of: Number(row?.['of']) };
}

async function whileWritten(
  bench: BenchEnvironment,
  work: () => Promise<unknown>,
): Promise<WriterWaits & { ms: number }> {
  const ids = (await bench.query('select id from sessions tablesample bernoulli (1) limit 2000')).map(({ id }) => id);
  const watcher = fork(join(__dirname, 'writer-watcher.ts'));
  watcher.send({ url: bench.url, ids });
  await once(watcher, 'message');
  await rest(300);
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  watcher.send('stop');
  const [waits] = (await once(watcher, 'message')) as [WriterWaits];
  return { ...waits, ms };
}

function report(runs: Record<string, WentBack[]>, hiddenMs: number, rows: number, rounds: number): string {
  const all = (way: string): WentBack[] => runs[way] ?? [];
  const seconds = (way: string): number => median(all(way).map(({ ms }) => ms)) / 1_000;
  const worst = (way: string): number => Math.max(...all(way).map(({ worstMs }) => worstMs));
  const share = (way: string): number => Math.min(...all(way).map(({ right, of }) => right / of));
  const percent = (way: string): string => `${(share(way) * 100).toFixed(1)} %`;
  const table = markdownTable(
    [
      `${rows.toLocaleString('en')} rows, 10,000 owners`,
      `fill, median of ${rounds}`,
      'keys that authenticate',
      'worst wait of a writer',
      'failed',
    ],
    Object.keys(runs).map((way) => [
      ...[way, `${seconds(way).toFixed(1)} s`, percent(way), `${worst(way).toFixed(0)} ms`],
      `${all(way).reduce((sum, { failed }) => sum + failed, 0)}`,
    ]),
  );
  const ratio = seconds('Rubicon') / seconds('written runbook');
  const aims: Aim[] = [
    [`every key authenticates: ${percent('Rubicon')} (runbook: ${percent('written runbook')})`, share('Rubicon') === 1],
    [`fill at most 0.5x the runbook's UPDATE: ${ratio.toFixed(2)}x`, ratio <= 0.5],
    [`a writer waits at most 150 ms: ${worst('Rubicon').toFixed(0)} ms`, worst('Rubicon') <= 150],
    [`hidden and back within 100 ms: ${hiddenMs.toFixed(0)} ms for all of it`, hiddenMs <= 100],
  ];
  return `${table}\n\n${aimsText(aims)}`;
}

void main();
