import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { Redis } from 'ioredis';
import { withRedis } from '../adapters/redis/redis';
import { findProgram } from '../dev/servers/programs';
import { startRedis, type RedisServer } from '../dev/servers/redis-server';
import { aimsText, type Aim } from './aims';
import type { Waits } from './flush-watcher';
import { markdownTable } from './markdown-table';
import { inTurns, median } from './rounds';

/** What one way took, and what it did to others. */
interface Flushed extends Waits {
  ms: number;
  left: number;
  /** Of other keys; `bit for bit` where all of them were compared. */
  kept: string;
}

type Perform = (server: RedisServer) => Promise<unknown>;

const nothing = 'nothing';

/** What any way costs at least: the names in the order in which Redis stores them, as a SCAN would give them. */
const known = 'UNLINK, names known';

/** Entries of one prefix, since `redis-cli` takes one pattern at a time. */
const pattern = 'session:*';

/**
 * How long does a flush of a million keys take, four fifths of them to go, and how long does another client wait
 * meanwhile? Beside it: the written runbook's ways, and nothing at all, to see what the machine itself does.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { keys: { type: 'string' }, rounds: { type: 'string' } } });
  const [keys, rounds] = [Number(values.keys ?? 1_000_000), Number(values.rounds ?? 3)];
  const others = keys / 5;
  const server = await startRedis();
  const redis = new Redis(server.url);
  const fresh = async (): Promise<void> => {
    await redis.flushall();
    await fill(redis, 'project:', others);
  };
  const count = async (perform: Perform, prepare = async (): Promise<void> => undefined): Promise<Flushed> => {
    await fill(redis, 'session:', keys - others);
    await prepare();
    const waits = await whileWatched(server, perform);
    const { counts } = await withRedis({ url: server.url }, (it) => it.census());
    return { ...waits, left: counts['session:'] ?? 0, kept: `${counts['project:'] ?? 0}` };
  };
  const compare = async (perform: Perform): Promise<Flushed> => {
    const before = await digest(server);
    const flushed = await count(perform);
    const isSame = (await digest(server)).sha256 === before.sha256;
    return { ...flushed, kept: `${flushed.kept}${isSame ? ', bit for bit' : ', CHANGED'}` };
  };
  const unlinkKnown = async (): Promise<Flushed> => {
    let names: Buffer[] = [];
    const read = async (): Promise<void> => void (names = await namesOf(redis));
    return count(() => unlinkAll(redis, names), read);
  };
  try {
    const runs = await inTurns(
      {
        [nothing]: () => fresh().then(() => count(() => rest(3_000))),
        Rubicon: () => fresh().then(() => compare(flush)),
        [known]: () => fresh().then(() => unlinkKnown()),
        'redis-cli --scan, xargs del': () => fresh().then(() => count(scanAndDelete)),
        FLUSHDB: () => fresh().then(() => count(() => redis.flushdb())),
      },
      rounds,
    );
    console.log(tableOf(runs, keys, rounds));
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

async function fill(redis: Redis, prefix: string, count: number): Promise<void> {
  const value = JSON.stringify({ id: 1, title: 'x'.repeat(80), owner_api_key_hash: 'y'.repeat(64) });
  for (let from = 0; from < count; from += 1_000) {
    const part = Array.from({ length: Math.min(1_000, count - from) }, (_, index) => `${prefix}${from + index}`);
    await redis.mset(...part.flatMap((name) => [name, value]));
  }
}

const digest = ({ url }: RedisServer) => withRedis({ url }, (redis) => redis.digestOthers({ exclude: [pattern] }));

const flush: Perform = ({ url }) => withRedis({ url }, (redis) => redis.flush({ patterns: [pattern] }));

async function namesOf(redis: Redis): Promise<Buffer[]> {
  const all: Buffer[] = [];
  const prefix = Buffer.from(pattern.slice(0, -1));
  for (let cursor = ''; cursor !== '0';) {
    const [next, names] = await redis.scanBuffer(cursor || '0', 'COUNT', 1_000);
    all.push(...names.filter((name) => name.subarray(0, prefix.length).equals(prefix)));
    cursor = next.toString();
  }
  return all;
}

/** As many at a time as our own flush, the next ones on their way while these are being removed. */
async function unlinkAll(redis: Redis, names: readonly Buffer[]): Promise<void> {
  let removing: Promise<unknown> = Promise.resolve();
  for (let from = 0; from < names.length; from += 1_000) {
    const next = redis.unlink(...names.slice(from, from + 1_000));
    await removing;
    removing = next;
  }
  await removing;
}

/** The password by environment: arguments can be read by everybody on the machine. */
const scanAndDelete: Perform = ({ port, password }) =>
  promisify(execFile)(
    '/bin/sh',
    [
      '-c',
      '"$0" -p "$1" --scan --pattern "$2" | xargs "$0" -p "$1" del > /dev/null',
      findProgram('redis-cli'),
      `${port}`,
      pattern,
    ],
    { env: { PATH: process.env['PATH'] ?? '', REDISCLI_AUTH: password } },
  );

async function whileWatched(server: RedisServer, perform: Perform): Promise<Waits & { ms: number }> {
  const watcher = fork(join(__dirname, 'flush-watcher.ts'));
  watcher.send({ url: server.url, key: 'project:1' });
  await once(watcher, 'message');
  const startedAt = performance.now();
  await perform(server);
  const ms = performance.now() - startedAt;
  watcher.send('stop');
  const [waits] = (await once(watcher, 'message')) as [Waits];
  return { ...waits, ms };
}

function tableOf(runs: Record<string, Flushed[]>, keys: number, rounds: number): string {
  const seconds = (way: string): number => median((runs[way] ?? []).map(({ ms }) => ms)) / 1_000;
  const worst = (way: string): number => Math.max(...(runs[way] ?? []).map(({ worstMs }) => worstMs));
  const table = markdownTable(
    [
      `${keys.toLocaleString('en')} keys, 80 % to go`,
      `median of ${rounds}`,
      'of Rubicon',
      'worst wait',
      'left',
      'others kept',
    ],
    Object.entries(runs).map(([way, [first]]) => [
      way,
      ...(way === nothing
        ? ['', '']
        : [`${seconds(way).toFixed(1)} s`, `${(seconds(way) / seconds('Rubicon')).toFixed(1)}x`]),
      `${worst(way).toFixed(0)} ms`,
      ...(way === nothing ? ['', ''] : [`${first?.left}`, `${first?.kept}`]),
    ]),
  );
  const faster = seconds('redis-cli --scan, xargs del') / seconds('Rubicon');
  const ofKnown = seconds('Rubicon') / seconds(known);
  const isWhole = (runs['Rubicon'] ?? []).every(({ left, kept }) => left === 0 && kept === `${keys / 5}, bit for bit`);
  const aims: Aim[] = [
    [`at least 3x faster than redis-cli: ${faster.toFixed(1)}x`, faster >= 3],
    [`at most 1.5x the same UNLINKs with all names known: ${ofKnown.toFixed(2)}x`, ofKnown <= 1.5],
    [`another client waits at most 20 ms: ${worst('Rubicon').toFixed(0)} ms`, worst('Rubicon') <= 20],
    ['nothing left, all others kept', isWhole],
  ];
  return `${table}\n\n${aimsText(aims)}`;
}

void main();
