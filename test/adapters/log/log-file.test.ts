import { appendFile, copyFile, mkdtemp, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog, type LogRead, type ReadLogOptions } from '../../../adapters/log/log-file';
import type { LogLine } from '../../../adapters/log/line';

const startMs = Date.parse('2026-11-01T10:00:00Z');
const minutes = 60_000;
const at = (minute: number): string => new Date(startMs + minute * minutes).toISOString();
const line = (minute: number, event = 'request_completed', rest = {}): string =>
  `${JSON.stringify({ ...rest, event, level: 'info', timestamp: at(minute) })}\n`;
const lines = (from: number, to: number, event?: string): string =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index, event)).join('');

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rubicon-log-'));
  file = join(folder, 'app.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Reads as of a minute of the log's clock. */
async function read(minute: number, options: Partial<ReadLogOptions> = {}): Promise<LogRead & { seen: LogLine[] }> {
  const seen: LogLine[] = [];
  const result = await readLog({
    file,
    nowMs: startMs + minute * minutes,
    onLine: (one) => seen.push(one),
    ...options,
  });
  return { ...result, seen };
}
const reasons = ({ coverage }: LogRead): string[] => coverage.gaps.map(({ reason }) => reason);
const events = (result: { seen: LogLine[] }): (string | undefined)[] => result.seen.map(({ event }) => event);

describe('a log that is written on', () => {
  it('is read once, from where the last reading stopped', async () => {
    await writeFile(file, lines(0, 4));
    const first = await read(5);
    await appendFile(file, lines(5, 6, 'later'));
    const second = await read(7, { cursor: first.cursor });
    const third = await read(8, { cursor: second.cursor });

    expect(first.seen).toHaveLength(5);
    expect(first.coverage).toEqual({ from: at(0), to: at(4), gaps: [], complete: true });
    expect(events(second)).toEqual(['later', 'later']);
    expect(second.coverage).toEqual({ from: at(4), to: at(6), gaps: [], complete: true });
    expect(third.seen).toEqual([]);
    expect(third.coverage).toEqual({ from: at(6), to: at(6), gaps: [], complete: true });
  });

  it('leaves a half-written last line for the next reading', async () => {
    const half = line(1, 'whole', { name: 'жёлтый' });
    await writeFile(file, line(0));
    await appendFile(file, Buffer.from(half).subarray(0, 13)); // in the middle of a character
    const first = await read(2);
    await appendFile(file, Buffer.from(half).subarray(13));
    const second = await read(2, { cursor: first.cursor });

    expect(events(first)).toEqual(['request_completed']);
    expect(second.seen[0]?.fields).toMatchObject({ event: 'whole', name: 'жёлтый' });
  });

  it('passes on plain lines and tracebacks between the JSON ones', async () => {
    await writeFile(file, `${line(0)}Traceback (most recent call last):\n  File "x.py"\n{not json}\n[1]\n${line(1)}`);
    expect((await read(2)).seen.map(({ kind }) => kind)).toEqual([
      'json',
      'traceback',
      'plain',
      'plain',
      'plain',
      'json',
    ]);
  });

  it('reads lines as container runtimes wrap them', async () => {
    const inner = line(0, 'wrapped').trimEnd();
    await writeFile(
      file,
      `${at(0)} stdout F ${inner}\n${JSON.stringify({ log: `${inner}\n`, stream: 'stdout', time: at(0) })}\n`,
    );
    expect(events(await read(1))).toEqual(['wrapped', 'wrapped']);
  });

  it('takes an instant without a zone as UTC', async () => {
    await writeFile(file, '{"event":"a","timestamp":"2026-11-01T10:00:00.123456"}\n{"event":"b","time":1793527200}\n');
    expect((await read(1)).seen.map(({ atMs }) => atMs)).toEqual([startMs + 123, 1793527200_000]);
  });

  it('stops at a cancel', async () => {
    await writeFile(file, lines(0, 4));
    const reason = new Error('cancelled');
    await expect(read(5, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('rotation', () => {
  it('goes on in the old file and then in the new one', async () => {
    await writeFile(file, lines(0, 2));
    const { cursor } = await read(3);
    await appendFile(file, line(3, 'last of the old'));
    await rename(file, `${file}.1`);
    await writeFile(file, line(4, 'first of the new'));
    const next = await read(5, { cursor });

    expect(events(next)).toEqual(['last of the old', 'first of the new']);
    expect(next.coverage.complete).toBe(true);
    expect(events(await read(5, { cursor: next.cursor }))).toEqual([]);
  });

  it('is followed over several files, whatever their names', async () => {
    await writeFile(file, lines(0, 1));
    const { cursor } = await read(2);
    await rename(file, `${file}-20261101`);
    await writeFile(file, line(2, 'second'));
    await rename(file, `${file}-20261102`);
    await writeFile(file, line(3, 'third'));
    await writeFile(`${file}-errors`, line(3, 'another log'));

    expect(events(await read(4, { cursor }))).toEqual(['second', 'third']);
  });

  it('stays with the old file until the new one has a line', async () => {
    await writeFile(file, lines(0, 1));
    const first = await read(2);
    await rename(file, `${file}.1`);
    await writeFile(file, '');
    const between = await read(2, { cursor: first.cursor });
    await appendFile(`${file}.1`, line(2, 'late'));
    await appendFile(file, line(3, 'new'));

    expect(reasons(between)).toEqual([]);
    expect(events(await read(4, { cursor: between.cursor }))).toEqual(['late', 'new']);
  });

  it('without the old file is a gap', async () => {
    await writeFile(file, lines(0, 2));
    const { cursor } = await read(3);
    await writeFile(`${file}.new`, line(3, 'new'));
    await rename(`${file}.new`, file);
    const next = await read(4, { cursor });

    expect(next.coverage).toMatchObject({ complete: false, gaps: [{ reason: 'rotated', from: at(2) }] });
    expect(events(next)).toEqual(['new']);
    expect((await read(4, { cursor: next.cursor })).coverage.complete).toBe(true);
  });
});

describe('what must not look like quiet', () => {
  it('a missing file', async () => {
    const result = await read(0, { sinceAt: at(-10) });
    expect(result.coverage).toEqual({
      from: at(-10),
      gaps: [{ reason: 'missing', from: at(-10), to: at(0) }],
      complete: false,
    });
    expect(result.cursor).toBeUndefined();
  });

  it('a file that went away', async () => {
    await writeFile(file, lines(0, 2));
    const { cursor } = await read(3);
    await rm(file);
    const gone = await read(4, { cursor });
    expect(reasons(gone)).toEqual(['missing']);
    expect(gone.cursor).toEqual(cursor);
  });

  it('an empty file', async () => {
    await writeFile(file, '');
    expect(reasons(await read(1, { sinceAt: at(0) }))).toEqual(['empty']);
    const first = await read(1);
    expect(reasons(first)).toEqual(['empty']);
    expect(reasons(await read(2, { cursor: first.cursor }))).toEqual(['empty']);
  });

  it('a folder', async () => {
    await expect(read(0, { file: folder })).resolves.toMatchObject({ coverage: { gaps: [{ reason: 'unreadable' }] } });
  });

  it('lines that do not say when', async () => {
    await writeFile(file, '{"event":"a"}\nplain\n');
    expect(reasons(await read(1, { sinceAt: at(0) }))).toEqual(['no-instants']);
  });

  it('a truncated file', async () => {
    await writeFile(file, lines(0, 5));
    const { cursor } = await read(6);
    await truncate(file);
    await appendFile(file, line(6, 'new'));
    const next = await read(7, { cursor });
    expect(next.coverage.gaps).toEqual([{ reason: 'truncated', from: at(5) }]);
    expect(events(next)).toEqual(['new']);
  });

  it('a file that was truncated and has grown beyond where it was', async () => {
    await writeFile(file, lines(0, 1));
    const { cursor } = await read(2);
    await writeFile(file, lines(2, 9, 'new'));
    const next = await read(10, { cursor });
    expect(next.coverage.gaps).toEqual([{ reason: 'replaced', from: at(1) }]);
    expect(events(next)).toHaveLength(8);
  });

  it('silence since the last line', async () => {
    await writeFile(file, lines(0, 5));
    const { cursor } = await read(6);
    const next = await read(20, { cursor });
    expect(next.coverage.gaps).toEqual([{ reason: 'silent', from: at(5), to: at(20) }]);
  });

  it('silence between two lines', async () => {
    await writeFile(file, lines(0, 5) + lines(30, 31));
    expect((await read(32)).coverage.gaps).toEqual([{ reason: 'silent', from: at(5), to: at(30) }]);
  });

  it('silence since before the asked instant', async () => {
    await writeFile(file, lines(0, 5));
    const result = await read(60, { sinceAt: at(59) });
    expect(result.coverage).toEqual({
      from: at(59),
      gaps: [{ reason: 'silent', from: at(59), to: at(60) }],
      complete: false,
    });
  });

  it('a log that does not reach back far enough', async () => {
    await writeFile(file, lines(0, 5));
    const result = await read(6, { sinceAt: at(-60) });
    expect(result.coverage).toMatchObject({
      gaps: [{ reason: 'starts-late', from: at(-60), to: at(0) }],
      complete: false,
    });
  });

  it('a clock that runs ahead, which would hide silence', async () => {
    await writeFile(file, lines(0, 5));
    expect(reasons(await read(-60))).toEqual(['clock-ahead']);
  });

  it('more than may be read at once', async () => {
    await writeFile(file, lines(0, 5));
    const { size } = await stat(file);
    const first = await read(6, { maxBytes: size / 2 + 10 });
    const rest = await read(6, { cursor: first.cursor });
    expect(reasons(first)).toEqual(['cut']);
    expect(first.seen).toHaveLength(3);
    expect(rest.seen).toHaveLength(3);
    expect(rest.coverage.complete).toBe(true);
  });

  it('lines too long to be read', async () => {
    await writeFile(file, `${line(0)}${'x'.repeat(3_000_000)}\n${line(1)}`);
    const result = await read(2);
    expect(reasons(result)).toEqual(['overlong-lines']);
    expect(result.seen).toHaveLength(2);
  });
});

describe('since an instant', () => {
  it('reads a large file from the right place without reading all of it', async () => {
    const hours = 24 * 8;
    const filler = 'x'.repeat(2_000);
    const text = Array.from(
      { length: hours * 12 },
      (_, index) => `${line(index * 5, 'a', { filler })}Traceback\n`,
    ).join('');
    await writeFile(file, text);
    const sinceMinute = (hours - 24) * 60;
    const result = await read(hours * 60 - 5, { sinceAt: at(sinceMinute) });

    expect(result.seen.filter(({ kind }) => kind === 'json')).toHaveLength(24 * 12);
    expect(result.seen[0]).toMatchObject({ atMs: startMs + sinceMinute * minutes });
    expect(result.coverage).toEqual({ from: at(sinceMinute), to: at(hours * 60 - 5), gaps: [], complete: true });
    expect(result.bytesRead).toBeLessThan(text.length / 2);
  });

  it('begins in a file that was rotated away', async () => {
    await writeFile(`${file}.2`, lines(0, 9, 'oldest'));
    await writeFile(`${file}.1`, lines(10, 19, 'old'));
    await writeFile(file, lines(20, 29, 'new'));
    const result = await read(30, { sinceAt: at(5) });

    expect(result.seen).toHaveLength(25);
    expect(result.coverage).toEqual({ from: at(5), to: at(29), gaps: [], complete: true });
  });

  it('gives a cursor for "from now on"', async () => {
    await writeFile(file, lines(0, 9));
    const now = await read(9, { sinceAt: new Date(startMs + 9 * minutes + 1).toISOString() });
    await appendFile(file, line(10, 'later'));
    expect(now.seen).toEqual([]);
    expect(events(await read(10, { cursor: now.cursor }))).toEqual(['later']);
  });

  it('says what is wrong with an instant', async () => {
    await expect(read(0, { sinceAt: 'yesterday' })).rejects.toThrow('expected an ISO instant, found "yesterday"');
  });
});

it('sees a copy that was truncated under its name as truncated, though the copy is there', async () => {
  await writeFile(file, lines(0, 5));
  const { cursor } = await read(6);
  await copyFile(file, `${file}.1`);
  await truncate(file);
  expect(reasons(await read(7, { cursor }))).toEqual(['truncated']);
});
