import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createDrop } from '../activities/removal/drop';
import { createFinalCopy } from '../activities/removal/final-copy';
import { createFreeze } from '../activities/removal/freeze';
import { createHide } from '../activities/removal/hide';
import { createUnhide } from '../activities/removal/unhide';
import { createBackup } from '../activities/backup/backup';
import { createProveBackup } from '../activities/rehearsal/prove-backup';
import { openBenchEnvironment, type BenchEnvironment } from './bench-environment';
import { markdownTable } from './markdown-table';
import { inTurns, median } from './rounds';

/**
 * For how long does anybody wait because of freeze, hide, put back and drop, and what does the freeze cost writers?
 * Locks are timed by the activities themselves, from winning them to the answer of the commit. Writers: `pgbench` with
 * and without the freeze, in turns.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, rounds: { type: 'string' } } });
  const [rows, rounds] = [Number(values.rows ?? 1_000_000), Number(values.rounds ?? 5)];
  const bench = await openBenchEnvironment(rows);
  try {
    const held = await locks(bench, rounds);
    const { without, frozen } = await inTurns(
      { without: () => writersASecond(bench, false), frozen: () => writersASecond(bench, true) },
      rounds,
    );
    const dropped = await drop(bench);
    console.log(tableOf({ ...held, drop: [dropped] }, rows));
    const cost = 1 - median(frozen) / median(without);
    const worst = Math.max(...Object.values(held).flat(), dropped);
    const aims: [string, boolean][] = [
      [`each lock at most 100 ms: ${worst} ms`, worst <= 100],
      [
        `freeze costs writers at most 5 %: ${(cost * 100).toFixed(1)} % (${median(without).toFixed(0)} a second without)`,
        cost <= 0.05,
      ],
    ];
    console.log(['', ...aims.map(([aim, met]) => `- ${met ? 'met' : 'MISSED'}: ${aim}`)].join('\n'));
  } finally {
    await bench.close();
  }
}

type Locks = Record<'freeze' | 'hide', number[]>;

async function locks({ environment, order }: BenchEnvironment, rounds: number): Promise<Locks> {
  const deps = { environment: () => environment };
  const held: Locks = { freeze: [], hide: [] };
  for (let round = 1; round <= rounds; round += 1) {
    const { id: freeze, heldMs } = await createFreeze(deps)(order);
    const { id: copy } = await createFinalCopy(deps)({ ...order, freeze });
    const hidden = await createHide(deps)({ ...order, copy });
    held.freeze.push(heldMs);
    held.hide.push(hidden.heldMs);
    await createUnhide(deps)(order);
  }
  return held;
}

async function drop({ environment, order }: BenchEnvironment): Promise<number> {
  const deps = { environment: () => environment };
  const { run } = order;
  const { id: backup } = await createBackup(deps)(order);
  await createProveBackup(deps)({ run, id: backup });
  const { id: freeze } = await createFreeze(deps)(order);
  const { id: copy } = await createFinalCopy(deps)({ ...order, freeze });
  await createHide(deps)({ ...order, copy });
  return (await createDrop(deps)({ ...order, backup, copy })).heldMs;
}

const script = `
insert into sessions (title, owner_api_key_hash) values ('bench', md5(random()::text)) returning id as sid \\gset
update sessions set title = 'bench again' where id = ':sid';
`;

/** Transactions a second of two writers. */
async function writersASecond(
  { environment, order, url, binFolder }: BenchEnvironment,
  isFrozen: boolean,
): Promise<number> {
  const deps = { environment: () => environment };
  if (isFrozen) await createFreeze(deps)(order);
  else await createUnhide(deps)(order);
  const file = join(environment.backupFolder, 'writers.sql');
  writeFileSync(file, script);
  const options = ['--no-vacuum', '--client=2', '--jobs=1', '--time=5', `--file=${file}`, url];
  const { stdout } = await promisify(execFile)(join(binFolder, 'pgbench'), options);
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
}

const tableOf = (held: Record<string, number[]>, rows: number): string =>
  markdownTable(
    [`${rows.toLocaleString('en')} rows`, 'lock held, median', 'worst'],
    Object.entries(held).map(([step, each]) => [step, `${median(each)} ms`, `${Math.max(...each)} ms`]),
  );

void main();
