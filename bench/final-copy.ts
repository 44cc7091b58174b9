import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encrypt, makeAgeKeys } from '../adapters/encryption/age';
import { writeWhole } from '../adapters/files/file-digest';
import { openPostgres } from '../adapters/postgres/postgres';
import { writeOnce } from '../adapters/files/write-once';
import { copyFile } from '../activities/backup/copy-folder';
import { createFinalCopy } from '../activities/removal/final-copy';
import { createFreeze } from '../activities/removal/freeze';
import { createUnhide } from '../activities/removal/unhide';
import { openBenchEnvironment, type BenchEnvironment } from './bench-environment';
import { markdownTable } from './markdown-table';
import { inTurns, median } from './rounds';

interface Measured {
  ms: number;
  sizeBytes?: number;
}

/**
 * How long does the final copy take, and how large is it? Beside it: `count(*)`, the least that any look at all rows
 * costs, and a copy of every row by its primary key.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, rounds: { type: 'string' } } });
  const [rows, rounds] = [Number(values.rows ?? 1_000_000), Number(values.rounds ?? 5)];
  const bench = await openBenchEnvironment(rows);
  try {
    const runs = await inTurns(
      {
        'count(*)': () => countAll(bench),
        Rubicon: () => finalCopy(bench),
        'by primary key': () => byPrimaryKey(bench),
      },
      rounds,
    );
    console.log(tableOf(runs, rows, rounds));
  } finally {
    await bench.close();
  }
}

async function timed(work: () => Promise<Omit<Measured, 'ms'>>): Promise<Measured> {
  const startedAt = performance.now();
  const found = await work();
  return { ms: performance.now() - startedAt, ...found };
}

const countAll = ({ query }: BenchEnvironment): Promise<Measured> =>
  timed(async () => {
    await query('select count(*) from sessions');
    return {};
  });

/** The activity itself: judged, copied, encrypted, read back. A freeze of its own each, or it would find the last one. */
async function finalCopy({ environment, order }: BenchEnvironment): Promise<Measured> {
  const deps = { environment: () => environment };
  await createUnhide(deps)(order);
  const { id: freeze } = await createFreeze(deps)(order);
  return timed(async () => {
    const { id, pairs } = await createFinalCopy(deps)({ ...order, freeze });
    if (pairs !== 10_000) throw new Error(`expected 10,000 pairs, found ${pairs}`);
    return { sizeBytes: statSync(copyFile(environment, id)).size };
  });
}

function byPrimaryKey({ environment, url }: BenchEnvironment): Promise<Measured> {
  const file = join(environment.backupFolder, `by-key-${Date.now()}.age`);
  return timed(async () => {
    const { recipient } = await makeAgeKeys();
    const postgres = openPostgres({ url, applicationName: 'bench', statementTimeoutMs: 0 });
    await postgres.withClient((client) => {
      const source = client.copyTo(
        'copy (select id, owner_api_key from sessions where owner_api_key is not null) to stdout',
      );
      return writeOnce(file, (handle) => writeWhole(handle, encrypt(source, recipient)));
    });
    await postgres.close();
    return { sizeBytes: statSync(file).size };
  });
}

type Way = 'count(*)' | 'Rubicon' | 'by primary key';

function tableOf(runs: Record<Way, Measured[]>, rows: number, rounds: number): string {
  const ms = (way: Way): number => median(runs[way].map((each) => each.ms));
  const size = (way: Way): number => runs[way][0]?.sizeBytes ?? 0;
  const table = markdownTable(
    [`${rows.toLocaleString('en')} rows, 10,000 owners`, `median of ${rounds}`, 'of count(*)', 'size'],
    (Object.keys(runs) as Way[]).map((way) => [
      way,
      `${(ms(way) / 1_000).toFixed(2)} s`,
      `${(ms(way) / ms('count(*)')).toFixed(1)}x`,
      size(way) === 0 ? '' : `${(size(way) / 1_000_000).toFixed(2)} MB`,
    ]),
  );
  const [ofCount, ofSize] = [ms('Rubicon') / ms('count(*)'), size('by primary key') / size('Rubicon')];
  const aims: [string, boolean][] = [
    [`at most 12x count(*): ${ofCount.toFixed(1)}x`, ofCount <= 12],
    [`at most 1/20 of the size of a copy by primary key: 1/${ofSize.toFixed(0)}`, ofSize >= 20],
  ];
  return [table, '', ...aims.map(([aim, met]) => `- ${met ? 'met' : 'MISSED'}: ${aim}`)].join('\n');
}

void main();
