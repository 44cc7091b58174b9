import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { createFinalCopy } from '../activities/removal/final-copy';
import { createFreeze } from '../activities/removal/freeze';
import { createHide } from '../activities/removal/hide';
import { createUnhide } from '../activities/removal/unhide';
import { toMs } from '../contract/text/duration';
import { aimsText, type Aim } from './aims';
import { openBenchEnvironment, type BenchEnvironment } from './bench-environment';
import { markdownTable } from './markdown-table';
import type { ReaderWaits } from './reader-watcher';
import { inTurns, median } from './rounds';

/** How long the change took and what readers have waited meanwhile. */
interface Waited extends ReaderWaits {
  ms: number;
}

/**
 * What is the worst wait of a reader (20 a second) when a column is taken away while somebody else uses its table? Once a
 * transaction that reads for 6 s, once a running autovacuum. Beside ours: the ALTER TABLE of the written runbook, with
 * no limit to its waiting.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, rounds: { type: 'string' } } });
  const [rows, rounds] = [Number(values.rows ?? 300_000), Number(values.rounds ?? 3)];
  const bench = await openBenchEnvironment(rows, {
    ...{ max_connections: '250', autovacuum: 'on', autovacuum_naptime: '1s' },
  });
  try {
    const blockers = { 'a reader of 6 s': longReader, autovacuum: busyVacuum };
    const lockTimeoutMs = toMs(bench.order.plan.durations.lockTimeout);
    const aims: Aim[] = [];
    const lines: string[][] = [];
    for (const [blocker, block] of Object.entries(blockers)) {
      const runs = await inTurns(
        {
          Rubicon: () => whileBlocked(bench, block, ours(bench)),
          'ALTER TABLE alone': () => whileBlocked(bench, block, byHand(bench)),
        },
        rounds,
      );
      for (const [way, each] of Object.entries(runs)) {
        const worst = Math.max(...each.map(({ worstMs }) => worstMs));
        const failed = each.reduce((sum, one) => sum + one.failed, 0);
        const took = median(each.map(({ ms }) => ms));
        lines.push([blocker, way, `${worst.toFixed(0)} ms`, `${(took / 1_000).toFixed(1)} s`, `${failed}`]);
        if (way !== 'Rubicon') continue;
        const most = lockTimeoutMs + 100;
        aims.push([`${blocker}: nobody waits longer than ${most} ms: ${worst.toFixed(0)} ms`, worst <= most]);
      }
    }
    const head = ['in the way', `${rows.toLocaleString('en')} rows`, 'worst wait of a reader', 'change took', 'failed'];
    console.log(`${markdownTable(head, lines)}\n\n${aimsText(aims)}`);
  } finally {
    await bench.close();
  }
}

/** Only `change` is done while something is in the way, and measured. */
interface Way {
  before?(): Promise<unknown>;
  change(): Promise<unknown>;
  after?(): Promise<unknown>;
}

/** Hides the column as a rollout does, under a freeze and with a copy; then puts it back. */
function ours({ environment, order }: BenchEnvironment): Way {
  const deps = { environment: () => environment };
  let copy = '';
  return {
    async before() {
      const { id: freeze } = await createFreeze(deps)(order);
      copy = (await createFinalCopy(deps)({ ...order, freeze })).id;
    },
    change: () => createHide(deps)({ ...order, copy }),
    after: () => createUnhide(deps)(order),
  };
}

/** The statement of the runbook, taken back so that it can be measured again; its lock is the same. */
const byHand = ({ url }: BenchEnvironment): Way => ({
  async change() {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query('begin');
    await client.query('alter table sessions drop column if exists owner_api_key');
    await client.query('rollback');
    await client.end();
  },
});

/** Something that holds a lock on the table; resolves when it does. The returned function waits for its end. */
type Block = (bench: BenchEnvironment) => Promise<() => Promise<unknown>>;

const longReader: Block = async ({ url }) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('select id from sessions limit 1');
  const ended = client.query('select pg_sleep(6)').then(() => client.end());
  return () => ended;
};

/** A real one, as slow as it can be made, with something to do. */
const busyVacuum: Block = async ({ query }) => {
  await query(`alter table sessions set (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)`);
  await query(`update sessions set title = title where id in (select id from sessions limit 1000)`);
  for (;;) {
    const found = await query(
      `select from pg_stat_activity where backend_type = 'autovacuum worker' and query like 'autovacuum: VACUUM%public.sessions%'`,
    );
    if (found.length > 0) break;
    await rest(50);
  }
  return () => query('alter table sessions set (autovacuum_enabled = off)');
};

async function whileBlocked(bench: BenchEnvironment, block: Block, way: Way): Promise<Waited> {
  await way.before?.();
  const watcher = fork(join(__dirname, 'reader-watcher.ts'));
  watcher.send({ url: bench.url, sql: 'select title from sessions limit 1' });
  await once(watcher, 'message');
  const ended = await block(bench);
  const startedAt = performance.now();
  await way.change();
  const ms = performance.now() - startedAt;
  await ended();
  await rest(200);
  watcher.send('stop');
  const [waits] = (await once(watcher, 'message')) as [ReaderWaits];
  await way.after?.();
  await bench.query('alter table sessions reset (autovacuum_enabled)');
  return { ...waits, ms };
}

void main();
