import { fork } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPostgres } from '../adapters/postgres/postgres';
import { startPostgres } from '../dev/servers/postgres-server';
import { aimsText, type Aim } from './aims';
import { ways, type ClassesRun, type Way } from './classes-way';
import { fillManySessions } from './many-sessions';
import { markdownTable } from './markdown-table';
import { inTurns, median } from './rounds';

/**
 * How long does it take to tell match, mismatch, key without hash, hash without key and public rows apart, and how much
 * memory of the client? Beside it: `count(*)`, the least that any look at all rows costs, the same and the plan's proof over all
 * pages in one statement, and the written runbook's way. `--own-values`: no value repeats, so that each has to be proven.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rows: { type: 'string' }, rounds: { type: 'string' }, 'own-values': { type: 'boolean' } },
  });
  const ownValues = values['own-values'] ?? false;
  const [rows, rounds] = [Number(values.rows ?? 1_000_000), Number(values.rounds ?? 5)];
  const server = await startPostgres({ settings: { shared_buffers: '128MB' } });
  try {
    await fillManySessions(server.url, rows, { withFaults: true, ownValues });
    const runs = await inTurns(
      {
        'count(*)': () => run('count(*)', server.url),
        'count(*) of all pages': () => run('count(*) of all pages', server.url),
        'the proof alone': () => run('the proof alone', server.url),
        Rubicon: () => run('Rubicon', server.url),
        'all rows in the client': () => run('all rows in the client', server.url),
      },
      rounds,
    );
    for (const { classes } of [...runs.Rubicon, ...runs['all rows in the client']]) requireRight(classes, rows);
    console.log(await versionOf(server.url));
    console.log(tableOf(runs, rows, rounds));
  } finally {
    await server.stop();
  }
}

/** A process of its own for each; its heap may grow as far as the runbook's way needs it. */
function run(way: Way, url: string): Promise<ClassesRun> {
  return new Promise((resolve, reject) => {
    const execArgv = [...process.execArgv, '--max-old-space-size=16000'];
    const child = fork(join(__dirname, 'classes-way.ts'), { execArgv });
    child.once('message', resolve).once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${way}: ended with ${code ?? signal} and no answer`)));
    child.send({ way, url });
  });
}

/** Of the server, and who computes its sha256: OpenSSL has instructions of the processor for it. */
async function versionOf(url: string): Promise<string> {
  return openPostgres({ url, applicationName: 'bench' }).withClient(async (client) => {
    const { rows } = await client.query<{ version: string; openssl: boolean }>(
      `select current_setting('server_version') as version, exists (select from pg_config() where name = 'CONFIGURE'
         and setting ~ '--with-(openssl|ssl=openssl)|-Dssl=openssl') as openssl`,
    );
    return `PostgreSQL ${rows[0]?.version}, ${rows[0]?.openssl ? 'with' : 'without'} OpenSSL`;
  });
}

/** A fast wrong answer is none. */
function requireRight(classes: ClassesRun['classes'], rows: number): void {
  const expected = { match: rows, mismatch: 2, valueWithoutReplacement: 2, replacementWithoutValue: 2, public: 2 };
  const [found, wanted] = [classes, expected].map((counts) => JSON.stringify(counts));
  if (found !== wanted) throw new Error(`expected ${wanted}, found ${found}`);
}

function tableOf(runs: Record<Way, ClassesRun[]>, rows: number, rounds: number): string {
  const ms = (way: Way): number[] => runs[way].map((each) => each.ms);
  const seconds = (value: number): string => `${(value / 1_000).toFixed(2)} s`;
  const grown = (way: Way): number => Math.max(...runs[way].map((each) => each.grownBytes)) / 1_000_000;
  /** Of the two that ran one after the other, so that they had the same machine. */
  const ratio = (way: Way, to: Way): number => median(ms(way).map((each, round) => each / (ms(to)[round] ?? NaN)));
  const table = markdownTable(
    [
      `${rows.toLocaleString('en')} rows, ${rounds} rounds`,
      'median',
      'best',
      'of count(*)',
      'of Rubicon',
      'client grows by',
    ],
    ways.map((way) => [
      way,
      seconds(median(ms(way))),
      seconds(Math.min(...ms(way))),
      `${ratio(way, 'count(*)').toFixed(1)}x`,
      `${ratio(way, 'Rubicon').toFixed(1)}x`,
      `${grown(way).toFixed(0)} MB`,
    ]),
  );
  const [ofCount, faster] = [ratio('Rubicon', 'count(*)'), ratio('all rows in the client', 'Rubicon')];
  const aims: Aim[] = [
    [`at most 10x count(*): ${ofCount.toFixed(1)}x`, ofCount <= 10],
    [`at least 3x faster than all rows in the client: ${faster.toFixed(1)}x`, faster >= 3],
    [`client at most 100 MB: ${grown('Rubicon').toFixed(0)} MB`, grown('Rubicon') <= 100],
  ];
  return `${table}\n\n${aimsText(aims)}`;
}

void main();
