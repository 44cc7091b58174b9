import { parseArgs } from 'node:util';
import { createBackup } from '../activities/backup/backup';
import { createProveBackup } from '../activities/rehearsal/prove-backup';
import { createRehearseOnCopy } from '../activities/rehearsal/rehearse-on-copy';
import type { Finding } from '../contract/run/findings';
import { aimsText } from './aims';
import { openBenchEnvironment, type BenchEnvironment } from './bench-environment';
import { markdownTable } from './markdown-table';
import { median } from './rounds';

/**
 * How long does the way there and back take on a throw-away copy: in preflight with a schema of many tables, and on the proven
 * backup of many rows beside the proof without it? Both parts of a proof are measured in one run of it.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rows: { type: 'string' }, tables: { type: 'string' }, rounds: { type: 'string' } },
  });
  const [rows, tables] = [Number(values.rows ?? 1_000_000), Number(values.tables ?? 300)];
  const rounds = Number(values.rounds ?? 3);
  const bench = await openBenchEnvironment(rows, { max_wal_size: '4GB' });
  try {
    await addTables(bench, tables);
    const [preflight, proofs] = [await preflights(bench, rounds), await provenCopies(bench, rounds)];
    const proof = median(proofs.map(({ proofMs }) => proofMs));
    const way = median(proofs.map(({ wayMs }) => wayMs));
    console.log(
      markdownTable(
        ['there and back on a copy', `median of ${rounds}`, 'of the proof without it'],
        [
          [`preflight, ${tables} tables more, a sample of rows`, seconds(median(preflight)), ''],
          [`proof of ${rows.toLocaleString('en')} rows without it`, seconds(proof), '1.00x'],
          ['there and back on them', seconds(way), `${(way / proof).toFixed(2)}x`],
        ],
      ),
    );
    console.log(
      aimsText([
        [`preflight on ${tables} tables within 20 s`, median(preflight) <= 20_000],
        ['there and back on the proven copy at most 1.0x of the proof without it', way <= proof],
      ]),
    );
  } finally {
    await bench.close();
  }
}

/** Tables as an application has them: keys, indexes, checks, comments, rights, foreign keys to the one before. */
async function addTables({ query }: BenchEnvironment, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    const before = n === 1 ? '' : ` references filler_${n - 1} (id)`;
    await query(
      `create table filler_${n} (id bigint generated always as identity primary key, parent bigint${before}, name text not null unique,
         kind text default 'usual' check (kind <> ''), amount numeric(12, 2), at timestamptz default now(), tags text[])`,
    );
    await query(`create index on filler_${n} (kind, at)`);
    await query(`comment on table filler_${n} is 'one of many'`);
    await query(`grant select on filler_${n} to public`);
  }
}

async function preflights({ environment, order }: BenchEnvironment, rounds: number): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const { findings, rehearsal } = await createRehearseOnCopy({ environment: () => environment })(order);
    took.push(performance.now() - startedAt);
    requirePassed(rehearsal?.passed, findings);
  }
  return took;
}

/** One backup is proven in each round, since a second proof finds the first. */
async function provenCopies(
  { environment, order }: BenchEnvironment,
  rounds: number,
): Promise<{ proofMs: number; wayMs: number }[]> {
  const took = [];
  for (let round = 0; round < rounds; round += 1) {
    const of = { environment: () => environment };
    const run = { ...order.run, firstRun: `round${round}` };
    const { id } = await createBackup(of)({ ...order, run });
    const { tookMs, rehearsal, findings = [] } = await createProveBackup(of)({ run, id });
    requirePassed(rehearsal?.passed, findings);
    const wayMs = rehearsal?.tookMs ?? Number.NaN;
    console.error(rehearsal?.steps.map((step) => `${step.name} ${seconds(step.tookMs)}`).join(', '));
    took.push({ proofMs: tookMs - wayMs, wayMs });
  }
  return took;
}

function requirePassed(passed: boolean | undefined, findings: readonly Finding[]): void {
  if (passed !== true) throw new Error(`expected a rehearsal that passes, found ${JSON.stringify(findings)}`);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

void main();
