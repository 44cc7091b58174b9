import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { identityText, makeAgeKeys } from '../adapters/encryption/age';
import { dumpDatabase } from '../adapters/dump/dump';
import { proveDump } from '../adapters/dump/prove-dump';
import { withSnapshot } from '../adapters/postgres/snapshot';
import { takeBackup, type Backup } from '../adapters/dump/take-backup';
import { toolConnection } from '../adapters/postgres/tool-connection';
import { startPostgres, type PostgresServer } from '../dev/servers/postgres-server';
import { createSampleSchema } from '../dev/sample-data/schema';
import { seedSampleRows } from '../dev/sample-data/seed';
import { aimsText, type Aim } from './aims';
import { cpuBetween, cpuTime } from './cpu-time';
import { markdownTable } from './markdown-table';
import { inTurns, median } from './rounds';

const run = promisify(execFile);

interface Measured {
  ms: number;
  /** Seconds of worker, programs and server together: what other work on the machine hardly changes. */
  cpu: number;
  sizeBytes?: number;
}

interface Bench {
  server: PostgresServer;
  folder: string;
  recipient: string;
  identityFile: string;
}

/**
 * How long does an encrypted and fingerprinted backup take, and its proof? Beside them: `pg_dump` as the written runbook
 * calls it, the same compressed as lightly as ours, and a plain `pg_restore` that compares nothing.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, rounds: { type: 'string' } } });
  const [rows, rounds] = [Number(values.rows ?? 1_000_000), Number(values.rounds ?? 5)];
  const server = await startPostgres({ settings: { shared_buffers: '256MB', max_wal_size: '4GB' } });
  const folder = mkdtempSync('/var/tmp/rubicon-bench-');
  chmodSync(folder, 0o755); // the throw-away server is made in it
  try {
    console.error(`filling: ${rows.toLocaleString('en')} rows`);
    await createSampleSchema(server.url);
    await seedSampleRows(server.url, {
      environment: 'production',
      owners: 10_000,
      sessions: rows * 0.6,
      assistants: rows * 0.4,
    });
    const keys = await makeAgeKeys();
    const identityFile = join(folder, 'identity.txt');
    writeFileSync(identityFile, identityText(keys), { mode: 0o600 });
    const bench = { server, folder, recipient: keys.recipient, identityFile };
    console.log(await measureBackups(bench, rows, rounds));
    console.log(`\n${await measureProofs(bench, rows, rounds)}`);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureBackups(bench: Bench, rows: number, rounds: number): Promise<string> {
  const ways = {
    'pg_dump -Fc': () => plainDump(bench, []),
    'pg_dump -Fc -Z1': () => plainDump(bench, ['-Z1']),
    'Rubicon, encrypted dump alone': () => measured(bench, (file) => dump(bench, file)),
    'Rubicon, encrypted dump and fingerprints': () => measured(bench, (file) => backUp(bench, file)),
  };
  const runs = await inTurns(ways, rounds);
  const ms = (way: keyof typeof ways): number => median(runs[way].map((each) => each.ms));
  const cpu = (way: keyof typeof ways): number => median(runs[way].map((each) => each.cpu));
  const table = markdownTable(
    [`backup of ${rows.toLocaleString('en')} rows`, `median of ${rounds}`, 'of -Fc -Z1', 'of -Fc', 'CPU', 'size'],
    (Object.keys(ways) as (keyof typeof ways)[]).map((way) => [
      ...[way, seconds(ms(way)), times(ms(way) / ms('pg_dump -Fc -Z1')), times(ms(way) / ms('pg_dump -Fc'))],
      `${cpu(way).toFixed(1)} s`,
      `${((runs[way][0]?.sizeBytes ?? 0) / 1_000_000).toFixed(0)} MB`,
    ]),
  );
  const ours = ms('Rubicon, encrypted dump and fingerprints');
  const [ofLight, ofUsual] = [ours / ms('pg_dump -Fc -Z1'), ours / ms('pg_dump -Fc')];
  const aims: Aim[] = [
    [`at most 1.1x pg_dump -Fc -Z1: ${times(ofLight)}`, ofLight <= 1.1],
    [`faster than pg_dump -Fc: ${times(ofUsual)}`, ofUsual < 1],
  ];
  return `${table}\n\n${aimsText(aims)}`;
}

async function measureProofs(bench: Bench, rows: number, rounds: number): Promise<string> {
  const plain = join(bench.folder, 'plain.dump');
  await pgDump(bench, plain, ['-Z1']);
  const backup = await backUp(bench, join(bench.folder, 'backup.age'));
  const ways = { pg_restore: () => restore(bench, plain), 'Rubicon, proof': () => prove(bench, backup) };
  const runs = await inTurns(ways, rounds);
  const ms = (way: keyof typeof ways): number => median(runs[way].map((each) => each.ms));
  const cpu = (way: keyof typeof ways): number => median(runs[way].map((each) => each.cpu));
  const ratio = ms('Rubicon, proof') / ms('pg_restore');
  const table = markdownTable(
    [`proof of ${rows.toLocaleString('en')} rows`, `median of ${rounds}`, 'of pg_restore', 'CPU'],
    (Object.keys(ways) as (keyof typeof ways)[]).map((way) => [
      way,
      seconds(ms(way)),
      times(ms(way) / ms('pg_restore')),
      `${cpu(way).toFixed(1)} s`,
    ]),
  );
  return `${table}\n\n${aimsText([[`at most 1.2x a restore: ${times(ratio)}`, ratio <= 1.2]])}`;
}

const connectionTo = ({ server }: Bench) => ({ url: server.url, applicationName: 'bench' });

const plainDump = (bench: Bench, options: string[]): Promise<Measured> =>
  measured(bench, (file) => pgDump(bench, file, options));

const pgDump = ({ server }: Bench, file: string, options: string[]) =>
  tool(server, 'pg_dump', '-Fc', ...options, '-f', file);

const tool = ({ binFolder, url }: PostgresServer, name: string, ...args: string[]) =>
  run(join(binFolder, name), args, { env: toolConnection({ url, applicationName: 'bench' }, 'bench') });

const dump = (bench: Bench, file: string) =>
  withSnapshot(connectionTo(bench), ({ id: snapshot }) => dumpDatabase({ ...orderOf(bench, file), snapshot }));

const backUp = (bench: Bench, file: string): Promise<Backup> => takeBackup(orderOf(bench, file));

const orderOf = (bench: Bench, file: string) => ({
  ...{ connection: connectionTo(bench), file, recipient: bench.recipient, toolsFolder: bench.server.binFolder },
});

async function measured({ folder, server }: Bench, write: (file: string) => Promise<unknown>): Promise<Measured> {
  const file = join(folder, 'measured');
  const took = await timed(server, () => write(file));
  const sizeBytes = statSync(file).size;
  rmSync(file);
  return { ...took, sizeBytes };
}

async function timed({ dataFolder }: PostgresServer, work: () => Promise<unknown>): Promise<Measured> {
  const [startedAt, before] = [performance.now(), cpuTime(dataFolder)];
  await work();
  const ms = performance.now() - startedAt;
  await rest(200); // a session reports what it used when it has ended
  return { ms, cpu: cpuBetween(before, cpuTime(dataFolder)) };
}

/** Into a database of the same server, all at once, as fast as it goes. */
async function restore({ server }: Bench, file: string): Promise<Measured> {
  await tool(server, 'psql', '-qc', 'create database restored template template0');
  const took = await timed(server, () => tool(server, 'pg_restore', '--single-transaction', '-d', 'restored', file));
  await tool(server, 'psql', '-qc', 'drop database restored');
  return took;
}

/** A new server, sha256, decryption, restoration, fingerprints of all rows, and its destruction. */
async function prove({ server, folder, identityFile }: Bench, { dump, fingerprints }: Backup): Promise<Measured> {
  const { file, sha256: expectedSha256 } = dump;
  const order = { file, expectedSha256, identityFile, expected: fingerprints, toolsFolder: server.binFolder, folder };
  return timed(server, async () => {
    const { proven, differences } = await proveDump(order);
    if (!proven) throw new Error(`expected a proof, found ${JSON.stringify(differences)}`); // a fast wrong answer is none
  });
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
const times = (ratio: number): string => `${ratio.toFixed(2)}x`;

void main();
